#pragma once
// Generator + seed + count -> samples. Sample i depends on the seed and i alone, so the batch size
// changes nothing but rounding (in mode `batch` it does: batch norm then ties the samples of a
// batch together, and the protocol says so). Shape legend: N samples, C channels, H height, W
// width, Z latent.
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/named_table.h"
#include "base/settings_io.h"
#include "datasets/sample_stream.h"
#include "harness/train/condition_source.h"
#include "models/backbones/networks.h"

namespace ganselect {

// How batch norm behaves while sampling.
struct SampleMode {
  std::string name;
  std::string explanation;  // one line for help texts
  bool batch_statistics = false;
};
const NamedTable<SampleMode>& sample_modes();  // "eval", "batch"

struct SampleSettings {
  std::int64_t count = 64;    // samples to draw
  std::uint64_t seed = 0;     // of the latents
  std::int64_t first = 0;     // index of the first sample: [first, first + count)
  std::int64_t batch = 256;   // samples a forward pass
  std::string mode = "eval";  // a row of sample_modes()
  // Latents of N(0, I) given that no number exceeds this bound either way (Brock et al. 2019, arXiv
  // 1809.11096): better and less varied samples. Each is its untruncated latent drawn inwards, by
  // the distribution functions. > 0.
  std::optional<double> truncation;
  torch::Tensor latents;  // float32 (M,Z), M >= first + count: taken as they are, not drawn
};

template <class Visitor>
void describe(Visitor& v, SampleSettings& s) {
  v.field("count", s.count, "samples to draw", at_least(1));
  v.field("seed", s.seed, "seed of the latents");
  v.field("first", s.first, "index of the first sample", at_least(0));
  v.field("batch", s.batch, "samples a forward pass", at_least(1));
  v.field("mode", s.mode, "batch norm's statistics while sampling", one_of(sample_modes().names()));
}

// Latents of samples [first, first + count): float32 (count, Z) on the CPU, standard normal, row i
// a function of seed and first + i alone. All of first, count, latent_dim >= 0.
torch::Tensor draw_latents(std::uint64_t seed, std::int64_t first, std::int64_t count,
                           std::int64_t latent_dim);

// The latents that the settings ask for, as draw_latents gives them: drawn, truncated or given.
torch::Tensor latents_of(const SampleSettings& settings, std::int64_t first, std::int64_t count,
                         std::int64_t latent_dim);

// `steps` latents from each even row of `ends` (2R,Z) to the odd one after it, both included, on
// the great circle through them (Shoemake 1985): between Gaussian latents a straight line would
// pass through lengths that no latent has. float32 (R steps, Z). kData unless steps >= 2 and there
// are pairs of rows.
torch::Tensor interpolated_latents(const torch::Tensor& ends, std::int64_t steps);

// How samples are drawn, for protocols: the settings, with batch null where it changes nothing, and
// truncation only where there is one.
Json sampling_protocol(const SampleSettings& settings);

struct SampleSet {
  torch::Tensor samples;  // images: uint8 (N,C,H,W); points: float32 (N,2); on the CPU
  Condition condition;    // what each sample was asked to be; on the CPU; undefined: nothing
  Json protocol;          // sampling_protocol()
};

// The samples one batch at a time, so that no more is ever held; with labels where the table has
// classes. `generator` must outlive the stream; its mode, buffers and dropout are as before once
// the stream is gone. Throws as draw_samples, while drawing.
std::unique_ptr<SampleStream> stream_samples(Generator& generator, const SampleSettings& settings,
                                             const ConditionTable& conditions = {});

// Runs the generator on its own device, without gradients and without dropout; its mode and buffers
// stand afterwards as before. A conditional generator takes its conditions from the table: sample i
// has the entry that draw_table_rows gives it. kUsage for settings out of range; kData if a sample
// is not finite.
SampleSet draw_samples(Generator& generator, const SampleSettings& settings,
                       const ConditionTable& conditions = {});

// `columns` samples of every class, class by class: sample c of each class has the latents of index
// settings.first + c, so that a column of the grid differs by class alone. settings.count is not
// read. A class that training left out has no row. kUsage for a table without classes.
SampleSet draw_class_rows(Generator& generator, const SampleSettings& settings,
                          const ConditionTable& conditions, std::int64_t columns);

}  // namespace ganselect
