#include "harness/train/sampler.h"

#include <ATen/core/PhiloxRNGEngine.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/seeds.h"
#include "datasets/dataset.h"
#include "harness/train/kept_state.h"

namespace ganselect {

namespace {

// Two standard normal numbers from two uniform 32-bit ones (Box & Muller 1958).
std::array<float, 2> normal_pair(std::uint32_t a, std::uint32_t b) {
  constexpr double kScale = 0x1p-32;
  const double radius = std::sqrt(-2.0 * std::log((static_cast<double>(a) + 1.0) * kScale));
  const double angle = 2.0 * std::numbers::pi * static_cast<double>(b) * kScale;
  return {static_cast<float>(radius * std::cos(angle)),
          static_cast<float>(radius * std::sin(angle))};
}

// One forward pass; images come back as uint8 on the CPU.
torch::Tensor draw_batch(Generator& generator, const SampleSettings& settings, std::int64_t first,
                         std::int64_t count, torch::Device device) {
  const auto latents = draw_latents(settings.seed, first, count, generator.latent_dim);
  const auto raw = generator.forward(latents.to(device)).to(torch::kFloat32);
  if (!raw.isfinite().all().item<bool>()) {
    fail(ErrorKind::kData,
         {.where = "samples " + std::to_string(first) + " to " + std::to_string(first + count - 1),
          .expected = "finite numbers",
          .got = "NaN or infinity",
          .hint = "the generator has diverged"});
  }
  const bool points = raw.dim() == 2;
  return (points ? raw : to_uint8(raw)).to(torch::kCPU).contiguous();
}

class GeneratorStream : public SampleStream {
 public:
  GeneratorStream(Generator& generator, const SampleSettings& settings)
      : generator_(generator), settings_(settings), state_(generator), next_(settings.first) {}
  std::int64_t size() const override { return settings_.count; }
  torch::Tensor next() override {
    const auto end = settings_.first + settings_.count;
    const auto count = std::min(settings_.batch, end - next_);
    if (count < 1) return {};
    const torch::NoGradGuard no_grad;
    generator_.train(sample_modes().at(settings_.mode).batch_statistics);
    const auto device = generator_.parameters().at(0).device();
    auto batch = draw_batch(generator_, settings_, next_, count, device);
    next_ += count;
    return batch;
  }

 private:
  Generator& generator_;
  SampleSettings settings_;
  KeptState state_;
  std::int64_t next_;
};

}  // namespace

const NamedTable<SampleMode>& sample_modes() {
  static const NamedTable<SampleMode> table(
      "sample mode", {{.name = "eval", .explanation = "batch norm with its running statistics"},
                      {.name = "batch",
                       .explanation = "batch norm with each batch's own statistics, as in training",
                       .batch_statistics = true}});
  return table;
}

torch::Tensor draw_latents(std::uint64_t seed, std::int64_t first, std::int64_t count,
                           std::int64_t latent_dim) {
  auto latents = torch::empty({count, latent_dim}, torch::kFloat32);
  // Counter-based (Philox 4x32-10, Salmon et al. 2011): the sample's index is the subsequence, so
  // no draw depends on where a batch begins, and no two of 2^64 samples share numbers.
  const std::uint64_t stream = stream_seed(seed, "samples");
  float* out = latents.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    at::Philox4_32 engine(stream, static_cast<std::uint64_t>(first + i));
    for (std::int64_t k = 0; k < latent_dim; k += 2) {
      const std::uint32_t a = engine(), b = engine();
      const auto pair = normal_pair(a, b);
      out[i * latent_dim + k] = pair[0];
      if (k + 1 < latent_dim) out[i * latent_dim + k + 1] = pair[1];
    }
  }
  return latents;
}

Json sampling_protocol(const SampleSettings& settings) {
  Json protocol = settings_to_json(settings);
  if (!sample_modes().at(settings.mode).batch_statistics) protocol["batch"] = nullptr;
  return protocol;
}

std::unique_ptr<SampleStream> stream_samples(Generator& generator, const SampleSettings& settings) {
  settings_from_json<SampleSettings>(settings_to_json(settings), "samples");
  return std::make_unique<GeneratorStream>(generator, settings);
}

SampleSet draw_samples(Generator& generator, const SampleSettings& settings) {
  const auto stream = stream_samples(generator, settings);
  std::vector<torch::Tensor> parts;
  for (auto part = stream->next(); part.defined(); part = stream->next()) parts.push_back(part);
  return {.samples = torch::cat(parts), .protocol = sampling_protocol(settings)};
}

}  // namespace ganselect
