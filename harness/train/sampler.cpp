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
#include "base/torch/device_gate.h"
#include "base/torch/finite.h"
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
                         const Condition& condition, std::int64_t count, torch::Device device) {
  const auto latents = latents_of(settings, first, count, generator.latent_dim);
  const auto raw = generator.forward(latents.to(device), condition.to(device)).to(torch::kFloat32);
  if (!all_finite(raw)) {
    fail(ErrorKind::kData,
         {.where = "samples " + std::to_string(first) + " to " + std::to_string(first + count - 1),
          .expected = "finite numbers",
          .got = "NaN or infinity",
          .hint = "the generator has diverged"});
  }
  const bool points = raw.dim() == 2;
  return (points ? raw : to_uint8(raw)).to(torch::kCPU).contiguous();
}

// Takes the noise off, so that nothing is dropped, and puts it back at scope's end.
class WithoutDropout {
 public:
  explicit WithoutDropout(Generator& generator)
      : generator_(generator), noise_(generator.exchange_noise(std::nullopt)) {}
  ~WithoutDropout() { generator_.exchange_noise(noise_); }
  WithoutDropout(const WithoutDropout&) = delete;
  WithoutDropout& operator=(const WithoutDropout&) = delete;

 private:
  Generator& generator_;
  std::optional<torch::Generator> noise_;
};

class GeneratorStream : public SampleStream {
 public:
  GeneratorStream(Generator& generator, const SampleSettings& settings,
                  const ConditionTable& conditions)
      : generator_(generator),
        settings_(settings),
        conditions_(conditions.rows),
        state_(generator),
        without_dropout_(generator) {
    if (!conditions.empty())
      rows_ = draw_table_rows(conditions, settings.seed, settings.first, settings.count);
  }
  std::int64_t size() const override { return settings_.count; }
  torch::Tensor labels() const override {
    return conditions_.labels.defined() ? conditions_.labels.index_select(0, rows_)
                                        : torch::Tensor();
  }
  torch::Tensor next() override {
    const auto count = std::min(settings_.batch, settings_.count - done_);
    if (count < 1) return {};
    const torch::NoGradGuard no_grad;
    const ExactProducts exact;
    generator_.train(sample_modes().at(settings_.mode).batch_statistics);
    const auto device = generator_.parameters().at(0).device();
    const auto condition =
        rows_.defined() ? conditions_.at(rows_.narrow(0, done_, count)) : Condition();
    auto batch =
        draw_batch(generator_, settings_, settings_.first + done_, condition, count, device);
    done_ += count;
    return batch;
  }

 private:
  Generator& generator_;
  SampleSettings settings_;
  Condition conditions_;  // of the table
  torch::Tensor rows_;    // int64 (N): entry of the table for each sample; undefined: no conditions
  KeptState state_;
  WithoutDropout without_dropout_;
  std::int64_t done_ = 0;
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

torch::Tensor latents_of(const SampleSettings& settings, std::int64_t first, std::int64_t count,
                         std::int64_t latent_dim) {
  if (settings.latents.defined()) {
    const auto& given = settings.latents;
    if (given.dim() == 2 && given.size(1) == latent_dim && given.size(0) >= first + count)
      return given.narrow(0, first, count);
    fail(ErrorKind::kData, {.where = "latents",
                            .expected = "at least " + std::to_string(first + count) + " rows of " +
                                        std::to_string(latent_dim) + " numbers",
                            .got = c10::str("shape ", given.sizes())});
  }
  auto latents = draw_latents(settings.seed, first, count, latent_dim);
  if (!settings.truncation) return latents;
  // F^-1(F(-t) + F(z) (F(t) - F(-t))) with the normal distribution's F.
  const auto share = torch::erf(latents.to(torch::kFloat64) * std::numbers::sqrt2 / 2) *
                     std::erf(*settings.truncation * std::numbers::sqrt2 / 2);
  return (torch::erfinv(share) * std::numbers::sqrt2)
      .clamp(-*settings.truncation, *settings.truncation)
      .to(torch::kFloat32);
}

torch::Tensor interpolated_latents(const torch::Tensor& ends, std::int64_t steps) {
  if (ends.dim() != 2 || ends.size(0) < 2 || ends.size(0) % 2 != 0 || steps < 2) {
    fail(ErrorKind::kData, {.where = "interpolation",
                            .expected = "two or more steps between pairs of latents",
                            .got = c10::str(steps, " between ", ends.sizes())});
  }
  const auto pairs = ends.to(torch::kFloat64).view({-1, 2, ends.size(1)});
  const auto from = pairs.select(1, 0).unsqueeze(1), to = pairs.select(1, 1).unsqueeze(1);
  const auto cosine = (from * to).sum(2, /*keepdim=*/true) /
                      (from.norm(2, 2, true) * to.norm(2, 2, true)).clamp_min(1e-30);
  const auto angle = cosine.clamp(-1, 1).acos();
  const auto at = torch::linspace(0, 1, steps, torch::kFloat64).view({1, -1, 1});
  const auto sine = angle.sin();
  // Of parallel ends the circle is not defined, and the straight line is as good.
  const auto flat = sine.abs().lt(1e-9);
  const auto safe = torch::where(flat, torch::ones_like(sine), sine);
  const auto path =
      torch::where(flat, from * (1 - at) + to * at,
                   (((1 - at) * angle).sin() * from + (at * angle).sin() * to) / safe);
  return path.reshape({-1, ends.size(1)}).to(torch::kFloat32);
}

Json sampling_protocol(const SampleSettings& settings) {
  Json protocol = settings_to_json(settings);
  if (!sample_modes().at(settings.mode).batch_statistics) protocol["batch"] = nullptr;
  if (settings.truncation) protocol["truncation"] = *settings.truncation;
  return protocol;
}

std::unique_ptr<SampleStream> stream_samples(Generator& generator, const SampleSettings& settings,
                                             const ConditionTable& conditions) {
  settings_from_json<SampleSettings>(settings_to_json(settings), "samples");
  if (settings.truncation) check_number("truncation", *settings.truncation, above(0));
  return std::make_unique<GeneratorStream>(generator, settings, conditions);
}

SampleSet draw_samples(Generator& generator, const SampleSettings& settings,
                       const ConditionTable& conditions) {
  const auto stream = stream_samples(generator, settings, conditions);
  std::vector<torch::Tensor> parts;
  for (auto part = stream->next(); part.defined(); part = stream->next()) parts.push_back(part);
  SampleSet set{
      .samples = torch::cat(parts), .condition = {}, .protocol = sampling_protocol(settings)};
  if (!conditions.empty()) {
    set.condition = conditions.rows.at(
        draw_table_rows(conditions, settings.seed, settings.first, settings.count));
  }
  return set;
}

SampleSet draw_class_rows(Generator& generator, const SampleSettings& settings,
                          const ConditionTable& conditions, std::int64_t columns) {
  const auto classes = static_cast<std::int64_t>(conditions.class_names.size());
  if (classes == 0) {
    fail(ErrorKind::kUsage, {.where = "samples by class",
                             .expected = "a generator that is told classes",
                             .got = "one that is not"});
  }
  SampleSettings row = settings;
  row.count = columns;
  SampleSet all;
  std::vector<torch::Tensor> samples, labels;
  for (std::int64_t label = 0; label < classes; ++label) {
    const auto one = conditions.only_class(label);
    if (!(one.weights.sum().item<double>() > 0)) continue;  // left out of training
    auto part = draw_samples(generator, row, one);
    samples.push_back(part.samples);
    labels.push_back(part.condition.labels);
    all.protocol = part.protocol;
  }
  all.samples = torch::cat(samples);
  all.condition.labels = torch::cat(labels);
  all.protocol["count"] = all.samples.size(0);
  return all;
}

}  // namespace ganselect
