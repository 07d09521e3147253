#include "harness/run/sample_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/script.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "base/torch/generators.h"
#include "datasets/dataset.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

SourcedSamples from_run(const SampleSourceSettings& settings) {
  auto saved = std::make_shared<SavedGenerator>(load_run(settings.run));
  saved->generator->to(settings.device);
  SampleSettings sampling;
  sampling.count = settings.count;
  sampling.seed = settings.seed;
  sampling.mode = settings.mode;
  const SampleSet drawn = draw_samples(*saved->generator, sampling, saved->conditions);
  SourcedSamples out;
  out.input.samples = drawn.samples;
  out.input.protocol = {{"mode", settings.mode},
                        {"weights", saved->weights},
                        {"sampling", drawn.protocol},
                        {"generator_digest", saved->digest}};
  if (saved->conditions.empty()) {
    out.input.generator = [saved, device = settings.device](const torch::Tensor& z) {
      return saved->generator->forward(z.to(device)).to(z.device());
    };
    out.input.latent_dim = saved->generator->latent_dim;
  }
  out.input.labels = drawn.condition.labels;
  out.input.label_law = saved->conditions.law;
  out.class_names = saved->conditions.class_names;
  out.description = fmt::format("{} at step {}", saved->candidate.name, saved->step);
  out.owner = saved;
  return out;
}

std::int64_t latent_width(const torch::jit::Module& module, std::int64_t asked) {
  if (asked > 0) return asked;
  for (const char* name : {"latent_dim", "z_dim"}) {
    if (module.hasattr(name) && module.attr(name).isInt()) return module.attr(name).toInt();
  }
  return 128;
}

torch::Tensor to_pixels(const torch::Tensor& images, const std::string& where) {
  if (images.dim() != 4) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = "images (N,C,H,W)",
                            .got = fmt::format("{} dimensions", images.dim())});
  }
  return images.scalar_type() == torch::kByte ? images : to_uint8(images.to(torch::kFloat));
}

SourcedSamples from_torchscript(const SampleSourceSettings& settings) {
  constexpr std::int64_t kBatch = 256;
  SourcedSamples out;
  try {
    auto module = std::make_shared<torch::jit::Module>(
        torch::jit::load(settings.generator, torch::Device(torch::kCPU)));
    module->eval();
    const std::int64_t width = latent_width(*module, settings.latent_dim);
    auto random = make_stream(settings.seed, "latent");
    std::vector<torch::Tensor> parts;
    const torch::NoGradGuard no_gradients;
    for (std::int64_t done = 0; done < settings.count; done += kBatch) {
      const auto z = torch::randn({std::min(kBatch, settings.count - done), width}, random);
      parts.push_back(to_pixels(module->forward({z}).toTensor(), settings.generator));
    }
    out.input.samples = torch::cat(parts);
    out.input.latent_dim = width;
    out.input.generator = [module](const torch::Tensor& z) {
      return module->forward({z}).toTensor();
    };
    out.owner = module;
  } catch (const c10::Error& e) {
    const std::string reason = e.what_without_backtrace();
    fail(ErrorKind::kData, {.where = settings.generator,
                            .expected = "a TorchScript generator of latents (N, Z)",
                            .got = reason.substr(0, reason.find('\n')),
                            .hint = "--latent-dim sets Z"});
  }
  out.input.protocol = {{"mode", "as saved"},
                        {"weights", "as saved"},
                        {"generator_digest", sha256_file(settings.generator)}};
  out.description = settings.generator;
  return out;
}

SourcedSamples from_files(const SampleSourceSettings& settings, const SampleShape& shape) {
  std::error_code ignored;
  if (!fs::exists(settings.samples, ignored)) {
    fail(ErrorKind::kData, {.where = "--samples",
                            .expected = "a folder of pictures or an .npz file",
                            .got = "'" + settings.samples + "', which does not exist"});
  }
  const bool folder = fs::is_directory(settings.samples, ignored);
  LoadSettings load;
  load.limit = settings.count;
  if (folder && !shape.points) load.image_size = shape.height;
  const Dataset set = load_dataset((folder ? "folder:" : "npz:") + settings.samples, load);
  SourcedSamples out;
  out.input.samples = set.samples;
  out.input.protocol = {
      {"mode", "as given"}, {"weights", "as given"}, {"samples_digest", set.digest}};
  out.warnings = set.warnings;
  out.input.labels = set.labels;
  out.input.label_law = "as given";
  out.class_names = set.class_names;
  out.description = settings.samples;
  return out;
}

}  // namespace

SavedGenerator load_run(const std::string& run) {
  std::error_code ignored;
  return load_generator(fs::is_directory(run, ignored) ? fs::path(run) / kGeneratorFile
                                                       : fs::path(run));
}

SourcedSamples source_samples(const SampleSourceSettings& settings, const SampleShape& shape) {
  const int named = !settings.run.empty() + !settings.generator.empty() + !settings.samples.empty();
  if (named != 1) {
    fail(ErrorKind::kUsage, {.where = "evaluate",
                             .expected = "exactly one of --run, --generator and --samples",
                             .got = std::to_string(named) + " of them"});
  }
  SourcedSamples out = !settings.run.empty()         ? from_run(settings)
                       : !settings.generator.empty() ? from_torchscript(settings)
                                                     : from_files(settings, shape);
  const auto& samples = out.input.samples;
  const bool fits = shape.points
                        ? samples.dim() == 2
                        : samples.dim() == 4 && samples.size(1) == shape.channels &&
                              samples.size(2) == shape.height && samples.size(3) == shape.width;
  if (!fits) {
    fail(ErrorKind::kData,
         {.where = "evaluate",
          .expected = "samples of the data set's shape, " + to_string(shape),
          .got = fmt::format("{}", fmt::join(samples.sizes().slice(1).vec(), "x"))});
  }
  return out;
}

void match_classes(const Dataset& data, SourcedSamples& sourced) {
  auto& labels = sourced.input.labels;
  if (!labels.defined()) return;
  const auto& names = data.class_names;
  auto numbers =
      torch::empty({static_cast<std::int64_t>(sourced.class_names.size())}, torch::kInt64);
  bool by_name = true, by_number = true;
  for (std::size_t i = 0; i < sourced.class_names.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), sourced.class_names[i]);
    by_name = by_name && found != names.end();
    by_number = by_number && sourced.class_names[i] == std::to_string(i) && i < names.size();
    numbers[static_cast<std::int64_t>(i)] = static_cast<std::int64_t>(found - names.begin());
  }
  if (by_name) {
    labels = numbers.index_select(0, labels);
  } else if (!by_number) {
    labels = torch::Tensor();
    sourced.warnings.push_back(
        fmt::format("unknown_classes: the samples' classes are not those of {} ({}), so nothing is "
                    "measured by class",
                    data.name, join(names)));
  }
}

}  // namespace ganselect
