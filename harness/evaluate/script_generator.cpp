#include "harness/evaluate/script_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/seeds.h"
#include "base/text.h"
#include "base/torch/finite.h"
#include "base/torch/script_error.h"
#include "datasets/formats/pixels.h"
#include "harness/evaluate/export_script.h"

namespace ganselect {
namespace {

constexpr double kRangeSlack = 1e-3;

[[noreturn]] void refuse_script(const std::string& where, const std::string& expected,
                                const std::string& got, const std::string& hint = "") {
  fail(ErrorKind::kData, {.where = where, .expected = expected, .got = got, .hint = hint});
}

class ScriptStream : public SampleStream {
 public:
  ScriptStream(ScriptGenerator& generator, const SampleSettings& settings)
      : generator_(generator), settings_(settings) {
    const bool batch = sample_modes().at(settings.mode).batch_statistics;
    if (batch && generator.exported) {
      fail(ErrorKind::kUsage, {.where = generator.name,
                               .expected = "--bn-mode eval: it was exported in evaluation mode",
                               .got = settings.mode,
                               .hint = "--run draws from the run itself in either mode"});
    }
    generator_.module.train(batch);
    if (generator.exported && !generator.exported->empty())
      rows_ = draw_table_rows(*generator.exported, settings.seed, 0, settings.count);
  }
  std::int64_t size() const override { return settings_.count; }
  torch::Tensor labels() const override {
    if (generator_.classes < 1) return {};
    if (rows_.defined()) return generator_.exported->rows.labels.index_select(0, rows_);
    return torch::arange(settings_.count).remainder(generator_.classes);
  }
  std::vector<std::string> class_names() const override {
    if (generator_.exported) return generator_.exported->class_names;
    std::vector<std::string> names;
    for (std::int64_t k = 0; k < generator_.classes; ++k) names.push_back(std::to_string(k));
    return names;
  }

  torch::Tensor next() override {
    const auto n = std::min(settings_.batch, settings_.count - done_);
    if (n < 1) return {};
    const torch::NoGradGuard no_gradients;
    const auto noise = stream_seed(settings_.seed, "script noise");
    torch::manual_seed(mix_bits(noise + static_cast<std::uint64_t>(done_)) >> 1);
    const auto images = generator_.images(
        draw_latents(settings_.seed, done_, n, generator_.latent_dim), condition(n));
    check(images, n);
    done_ += n;
    if (images.scalar_type() == torch::kByte) return images.cpu();
    if (images.dim() == 2) return images.to(torch::kFloat32).cpu();
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
  // What the next n samples are asked for.
  Condition condition(std::int64_t n) const {
    if (rows_.defined()) return generator_.exported->rows.at(rows_.narrow(0, done_, n));
    if (generator_.classes < 1) return {};
    return {.labels = labels().slice(0, done_, done_ + n)};
  }

  void check(const torch::Tensor& images, std::int64_t n) const {
    const bool points = images.dim() == 2 && images.size(0) == n && images.size(1) == 2 &&
                        images.is_floating_point();
    const bool pictures = images.dim() == 4 && images.size(0) == n &&
                          (images.size(1) == 1 || images.size(1) == 3 || images.size(1) == 4) &&
                          images.numel() > 0;
    const bool typed = images.is_floating_point() || images.scalar_type() == torch::kByte;
    if (!points && (!pictures || !typed)) {
      refuse_script(generator_.name,
                    fmt::format("images ({}, 1, 3 or 4, H, W), floating in [-1,1] or uint8", n),
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
  torch::Tensor rows_;  // int64 (N): entry of the exported conditions for each sample
  std::int64_t done_ = 0;
  double outside_ = 0, values_ = 0, least_ = 1;
};

}  // namespace

namespace {

// Numbers of latents that generators commonly have.
constexpr std::array<std::int64_t, 6> kUsualLatents = {128, 100, 512, 256, 64, 120};

std::int64_t int_attribute(const torch::jit::Module& module,
                           std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (module.hasattr(name) && module.attr(name).isInt()) return module.attr(name).toInt();
  }
  return 0;
}

bool takes_labels(const torch::jit::Module& module) {
  std::size_t required = 0;
  for (const auto& argument : module.get_method("forward").function().getSchema().arguments())
    required += argument.name() != "self" && !argument.default_value() ? 1 : 0;
  return required == 2;
}

// Two latents of zeros through the module; what went wrong, if anything did.
std::optional<std::string> try_form(ScriptGenerator& generator) {
  const torch::NoGradGuard no_gradients;
  Condition condition;
  if (generator.exported && !generator.exported->empty()) {
    condition = generator.exported->rows.at(torch::zeros({2}, torch::kInt64));
  } else if (generator.classes > 0) {
    condition.labels = torch::zeros({2}, torch::kInt64);
  }
  try {
    generator.images(torch::zeros({2, generator.latent_dim}), condition);
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

// Tries the widths and both numbers of axes; the first that runs holds.
void find_form(ScriptGenerator& generator, const ScriptSettings& settings) {
  generator.module.eval();
  std::int64_t known = settings.latent_dim;
  if (known < 1) known = int_attribute(generator.module, {"latent_dim", "z_dim"});
  std::vector<std::int64_t> widths(kUsualLatents.begin(), kUsualLatents.end());
  if (known > 0) widths = {known};
  std::optional<std::string> first;
  std::vector<std::string> tried;
  for (const auto width : widths) tried.push_back(std::to_string(width));
  for (const auto width : widths) {
    for (const bool four_axes : {false, true}) {
      generator.latent_dim = width;
      generator.four_axes = four_axes;
      const auto problem = try_form(generator);
      if (!problem) return;
      if (!first) first = problem;
    }
  }
  generator.latent_dim = widths.front();
  generator.four_axes = false;
  try_form(generator);
  fail(ErrorKind::kData,
       {.where = generator.name,
        .expected = fmt::format("a TorchScript generator of latents (N, Z) or (N, Z, 1, 1), Z {}",
                                join(tried)),
        .got = first->substr(
            first->find(", got ") == std::string::npos ? 0 : first->find(", got ") + 6),
        .hint = "--latent-dim sets the width"});
}

}  // namespace

torch::Tensor ScriptGenerator::images(const torch::Tensor& latents, const Condition& condition) {
  torch::jit::IValue value;
  std::vector<torch::jit::IValue> inputs = {four_axes ? latents.unsqueeze(2).unsqueeze(3)
                                                      : latents};
  for (const auto& told : {condition.labels, condition.instances, condition.visible}) {
    if (told.defined()) inputs.emplace_back(told);
  }
  const auto failed = [&](const std::string& why) {
    refuse_script(name, fmt::format("a TorchScript generator of latents (N, {})", latent_dim), why);
  };
  try {
    value = module.forward(inputs);
  } catch (const std::exception& error) {
    failed(script_error_reason(error));
  }
  if (!value.isTensor()) failed("a " + value.tagKind() + " instead of one tensor");
  return value.toTensor();
}

ScriptGenerator load_script_generator(const std::filesystem::path& file,
                                      const ScriptSettings& settings) {
  ScriptGenerator generator;
  generator.name = file.string();
  if (!std::filesystem::is_regular_file(file))
    refuse_script(generator.name, "a TorchScript file", "no such file");
  try {
    generator.module = torch::jit::load(file.string(), torch::Device(torch::kCPU));
  } catch (const std::exception& error) {
    refuse_script(generator.name, "a TorchScript module", script_error_reason(error),
                  "torch.jit.script(module).save(FILE) writes one; a state_dict or a pickled "
                  "module is none");
  }
  generator.digest = sha256_file(file);
  generator.exported = exported_conditions(generator.module);
  if (generator.exported) {
    generator.classes = static_cast<std::int64_t>(generator.exported->class_names.size());
  } else if (takes_labels(generator.module)) {
    generator.classes = int_attribute(generator.module, {"num_classes", "n_classes"});
    if (generator.classes < 1) generator.classes = settings.classes;
    if (generator.classes < 1) {
      refuse_script(generator.name, "a number of classes for its second argument",
                    "none: the data have no classes, the module no attribute num_classes");
    }
  }
  find_form(generator, settings);
  return generator;
}

std::unique_ptr<SampleStream> stream_script_samples(ScriptGenerator& generator,
                                                    const SampleSettings& settings) {
  return std::make_unique<ScriptStream>(generator, settings);
}

}  // namespace ganselect
