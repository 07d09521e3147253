#include "harness/evaluate/script_generator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/finite.h"
#include "base/torch/script_error.h"
#include "datasets/dataset.h"

namespace ganselect {
namespace {

constexpr std::int64_t kUsualLatents = 128;
constexpr double kRangeSlack = 1e-3;

[[noreturn]] void refuse_script(const std::string& where, const std::string& expected,
                                const std::string& got, const std::string& hint = "") {
  fail(ErrorKind::kData, {.where = where, .expected = expected, .got = got, .hint = hint});
}

class ScriptStream : public SampleStream {
 public:
  ScriptStream(ScriptGenerator& generator, const SampleSettings& settings)
      : generator_(generator), settings_(settings) {
    generator_.module.train(sample_modes().at(settings.mode).batch_statistics);
  }
  std::int64_t size() const override { return settings_.count; }

  torch::Tensor next() override {
    const auto n = std::min(settings_.batch, settings_.count - done_);
    if (n < 1) return {};
    const torch::NoGradGuard no_gradients;
    const auto images =
        generator_.images(draw_latents(settings_.seed, done_, n, generator_.latent_dim));
    check(images, n);
    done_ += n;
    if (images.scalar_type() == torch::kByte) return images.cpu();
    watch_range(images);
    return pad_28_to_32(to_uint8(images)).cpu();
  }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> found;
    if (outside_ > 0)
      found.push_back(fmt::format("clamped_pixels: {:.2g}% of the values lie outside of [-1,1]",
                                  100.0 * outside_ / values_));
    if (values_ > 0 && least_ >= 0)
      found.emplace_back("non_negative_pixels: no value lies below 0, as if images were in [0,1]");
    return found;
  }

 private:
  void check(const torch::Tensor& images, std::int64_t n) const {
    const bool pictures = images.dim() == 4 && images.size(0) == n &&
                          (images.size(1) == 1 || images.size(1) == 3) && images.numel() > 0;
    const bool typed = images.is_floating_point() || images.scalar_type() == torch::kByte;
    if (!pictures || !typed) {
      refuse_script(generator_.name,
                    fmt::format("images ({}, 1 or 3, H, W), floating in [-1,1] or uint8", n),
                    c10::str(images.scalar_type(), " ", images.sizes()));
    }
    if (images.is_floating_point() && !all_finite(images))
      refuse_script(generator_.name, "finite images", "NaN or infinity");
  }

  void watch_range(const torch::Tensor& images) {
    outside_ += images.abs().gt(1 + kRangeSlack).sum().item<double>();
    values_ += static_cast<double>(images.numel());
    least_ = std::min(least_, images.min().item<double>());
    if (outside_ > values_ / 2) {
      refuse_script(generator_.name, "images in [-1,1]",
                    fmt::format("{:.0f}% of the values outside", 100 * outside_ / values_),
                    "scale the generator's output, or let it give uint8");
    }
  }

  ScriptGenerator& generator_;
  SampleSettings settings_;
  std::int64_t done_ = 0;
  double outside_ = 0, values_ = 0, least_ = 1;
};

}  // namespace

torch::Tensor ScriptGenerator::images(const torch::Tensor& latents) {
  const auto failed = [&](const std::string& why) {
    refuse_script(name, fmt::format("a TorchScript generator of latents (N, {})", latent_dim), why,
                  "--latent-dim sets the width");
  };
  torch::jit::IValue value;
  try {
    value = module.forward({latents});
  } catch (const std::exception& error) {
    failed(script_error_reason(error));
  }
  if (!value.isTensor()) failed("a " + value.tagKind() + " instead of one tensor");
  return value.toTensor();
}

ScriptGenerator load_script_generator(const std::filesystem::path& file, std::int64_t latent_dim) {
  ScriptGenerator generator;
  generator.name = file.string();
  if (!std::filesystem::is_regular_file(file))
    refuse_script(generator.name, "a TorchScript file", "no such file");
  try {
    generator.module = torch::jit::load(file.string(), torch::Device(torch::kCPU));
  } catch (const c10::Error& error) {
    refuse_script(generator.name, "a TorchScript module", script_error_reason(error));
  }
  generator.digest = sha256_file(file);
  generator.latent_dim = latent_dim;
  for (const char* attribute : {"latent_dim", "z_dim"}) {
    if (generator.latent_dim < 1 && generator.module.hasattr(attribute) &&
        generator.module.attr(attribute).isInt())
      generator.latent_dim = generator.module.attr(attribute).toInt();
  }
  if (generator.latent_dim < 1) generator.latent_dim = kUsualLatents;
  return generator;
}

std::unique_ptr<SampleStream> stream_script_samples(ScriptGenerator& generator,
                                                    const SampleSettings& settings) {
  return std::make_unique<ScriptStream>(generator, settings);
}

}  // namespace ganselect
