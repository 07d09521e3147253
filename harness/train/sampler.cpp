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

SampleSet draw_samples(Generator& generator, const SampleSettings& settings) {
  settings_from_json<SampleSettings>(settings_to_json(settings), "samples");
  const SampleMode& mode = sample_modes().at(settings.mode);
  torch::NoGradGuard no_grad;
  const KeptState state(generator);
  generator.train(mode.batch_statistics);
  const auto device = generator.parameters().at(0).device();
  std::vector<torch::Tensor> parts;
  const std::int64_t end = settings.first + settings.count;
  for (std::int64_t i = settings.first; i < end; i += settings.batch) {
    parts.push_back(draw_batch(generator, settings, i, std::min(settings.batch, end - i), device));
  }
  Json protocol = settings_to_json(settings);
  if (!mode.batch_statistics) protocol["batch"] = nullptr;
  return {.samples = torch::cat(parts), .protocol = std::move(protocol)};
}

}  // namespace ganselect
