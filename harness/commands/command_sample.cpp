// `sample`: pictures and arrays of a trained generator.
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/torch/finite.h"
#include "base/torch/npy.h"
#include "datasets/formats/image_io.h"
#include "harness/cli/number_checks.h"
#include "harness/commands/commands.h"
#include "harness/commands/output_files.h"
#include "harness/evaluate/fillings.h"
#include "harness/evaluate/sample_source.h"
#include "harness/sweep/instances.h"
#include "harness/train/checkpoint.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct SampleFlags {
  std::string run, class_name, instances, features, grid, npz, png_dir, latents;
  FillRequest fill;
  std::int64_t interpolate = 0;  // images a row; 0: none
  bool counted = false;          // --num was given
  SampleSettings settings;
};

struct AskedSamples {
  SampleSet set;
  std::int64_t columns = 1;  // of a grid
  torch::Tensor grid;        // its pictures, where they are not the samples alone
};

// Flags that contradict each other, and what to do instead.
void check_latent_flags(const SampleFlags& f) {
  const bool latents = !f.latents.empty(), paths = f.interpolate > 0, all = f.class_name == "all";
  struct Contradiction {
    bool given;
    std::string first, second, hint;
  };
  const std::vector<Contradiction> contradictions = {
      {latents && all, "--latents", "--class all", "name one class, or let the latents be drawn"},
      {latents && f.settings.truncation.has_value(), "--latents", "--truncation",
       "latents of a file are taken as they are"},
      {latents && f.counted, "--latents", "--num",
       "there are as many samples as the file has rows"},
      {paths && !f.instances.empty(), "--interpolate", "--instances",
       "a path's condition is drawn, one for each row"},
      {paths && all, "--interpolate", "--class all",
       "a path is of one class: name one, or leave --class away and each row's is drawn"},
      {paths && !f.fill.image.empty(), "--interpolate", "--fill",
       "an image is filled from drawn latents"}};
  if (!f.fill.mask.empty() && f.fill.image.empty()) {
    fail(ErrorKind::kUsage,
         {.where = "sample", .expected = "--mask with --fill", .got = "it alone"});
  }
  for (const auto& one : contradictions) {
    if (!one.given) continue;
    fail(ErrorKind::kUsage, {.where = "sample",
                             .expected = one.first + " or " + one.second,
                             .got = "both",
                             .hint = one.hint});
  }
}

// --num samples in rows of one length: says where that makes another number of them.
void tell_rounding(std::int64_t asked, std::int64_t rows, std::int64_t columns) {
  if (asked != rows * columns)
    log_warn("--num {} cannot be met in {} rows of one length: {} samples, {} a row", asked, rows,
             rows * columns, columns);
}

// --latents: as many samples as the file has rows.
void read_latents(const Generator& generator, SampleFlags& f) {
  if (f.latents.empty()) return;
  const auto given = load_npy(f.latents);
  const bool fits = given.is_floating_point() && given.dim() == 2 && given.size(0) > 0 &&
                    given.size(1) == generator.latent_dim;
  if (!fits || !all_finite(given)) {
    fail(ErrorKind::kData,
         {.where = f.latents,
          .expected = fmt::format("finite latents of shape (N, {})", generator.latent_dim),
          .got = fits ? "NaN or infinity"
                      : c10::str(given.scalar_type(), " of shape ", given.sizes())});
  }
  f.settings.latents = given.to(torch::kFloat32);
  f.settings.count = given.size(0);
}

// --interpolate: a row of the grid from latent 2r to latent 2r + 1, under one condition each.
AskedSamples draw_paths(const SavedGenerator& saved, const SampleFlags& f,
                        const ConditionTable& conditions) {
  const bool given = f.settings.latents.defined();
  if (given && f.settings.count % 2 != 0) {
    fail(ErrorKind::kData, {.where = f.latents,
                            .expected = "pairs of latents to go between",
                            .got = std::to_string(f.settings.count) + " rows"});
  }
  const auto rows =
      given ? f.settings.count / 2 : std::max<std::int64_t>(1, f.settings.count / f.interpolate);
  if (!given) tell_rounding(f.settings.count, rows, f.interpolate);
  const auto ends = latents_of(f.settings, 0, 2 * rows, saved.generator->latent_dim);
  const auto paths = interpolated_latents(ends, f.interpolate).view({rows, f.interpolate, -1});
  AskedSamples asked;
  asked.columns = f.interpolate;
  std::vector<torch::Tensor> samples, labels;
  for (std::int64_t r = 0; r < rows; ++r) {
    SampleSettings row = f.settings;
    row.count = f.interpolate;
    row.latents = paths[r];
    ConditionTable one = conditions;
    if (!conditions.empty()) {
      one.weights = torch::zeros_like(conditions.weights);
      one.weights.index_fill_(0, draw_table_rows(conditions, f.settings.seed, r, 1), 1);
    }
    const auto part = draw_samples(*saved.generator, row, one);
    samples.push_back(part.samples);
    if (part.condition.labels.defined()) labels.push_back(part.condition.labels);
  }
  asked.set.samples = torch::cat(samples);
  if (!labels.empty()) asked.set.condition.labels = torch::cat(labels);
  return asked;
}

// --fill: a row of the grid for each image, itself first, then what is shown of it. --instances: a
// row of the grid for each, the instance itself first. --class: one class by name or
// number; "all": a row of the grid for each.
AskedSamples draw_asked(const SavedGenerator& saved, const SampleFlags& f) {
  AskedSamples asked;
  const auto& conditions = saved.conditions;
  if (!f.fill.image.empty()) {
    const auto table = asked_pictures(saved, f.fill);
    const auto each = std::max<std::int64_t>(1, f.settings.count / table.size());
    const auto rows = draw_fill_rows(*saved.generator, f.settings, table, each);
    return {.set = rows.set, .columns = each + 2, .grid = rows.grid};
  }
  if (!f.instances.empty()) {
    const auto table = asked_instances(saved, f.instances, f.features);
    const auto each = std::max<std::int64_t>(1, f.settings.count / table.size());
    tell_rounding(f.settings.count, table.size(), each);
    const auto rows = draw_instance_rows(*saved.generator, f.settings, table, each);
    return {.set = rows.set, .columns = each + 1, .grid = rows.grid};
  }
  if (f.class_name == "all") {
    const auto classes =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(conditions.class_names.size()));
    asked.columns = (f.settings.count + classes - 1) / classes;
    tell_rounding(f.settings.count, classes, asked.columns);
    asked.set = draw_class_rows(*saved.generator, f.settings, conditions, asked.columns);
    return asked;
  }
  const auto table =
      f.class_name.empty() ? conditions : conditions.only_class(class_of(conditions, f.class_name));
  if (f.interpolate > 0) return draw_paths(saved, f, table);
  asked.set = draw_samples(*saved.generator, f.settings, table);
  asked.columns = static_cast<std::int64_t>(
      std::ceil(std::sqrt(static_cast<double>(asked.set.samples.size(0)))));
  return asked;
}

// One PNG a sample; samples of a class go into a folder of its name, as a labelled data set.
void write_pngs(const fs::path& folder, const SampleSet& set, const SavedGenerator& saved) {
  for (std::int64_t i = 0; i < set.samples.size(0); ++i) {
    fs::path place = folder;
    if (set.condition.labels.defined()) {
      const auto label = set.condition.labels[i].item<std::int64_t>();
      place /= saved.conditions.class_names[static_cast<std::size_t>(label)];
    }
    write_png(place / fmt::format("{:06}.png", i), set.samples[i]);
  }
}

int run_sample(SampleFlags f) {
  if (f.grid.empty() && f.npz.empty() && f.png_dir.empty()) {
    fail(ErrorKind::kUsage,
         {.where = "sample", .expected = "--grid, --npz or --png-dir", .got = "none of them"});
  }
  check_latent_flags(f);
  for (const auto* out : {&f.grid, &f.npz})
    check_output(*out, {f.latents, f.features, f.fill.image, f.fill.mask});
  const SavedGenerator saved = load_run(f.run);
  read_latents(*saved.generator, f);
  const auto [set, columns, grid] = draw_asked(saved, f);
  if (saved.shape.points && f.npz.empty()) {
    fail(ErrorKind::kUsage, {.where = "sample",
                             .expected = "--npz for a generator of points",
                             .got = "a picture format"});
  }
  if (!f.grid.empty()) write_grid_png(f.grid, grid.defined() ? grid : set.samples, columns);
  if (!f.npz.empty()) {
    std::map<std::string, torch::Tensor> arrays;
    arrays["arr_0"] =
        saved.shape.points ? set.samples : set.samples.permute({0, 2, 3, 1}).contiguous();
    if (set.condition.labels.defined()) arrays["arr_1"] = set.condition.labels;
    save_npz(f.npz, arrays);
  }
  if (!f.png_dir.empty()) write_pngs(f.png_dir, set, saved);
  log_info("{} samples of {} (step {}), seed {}", set.samples.size(0), saved.candidate.name,
           saved.step, f.settings.seed);
  return 0;
}

}  // namespace

CommandAction attach_sample(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<SampleFlags>();
  app.add_option("run", flags->run, "a trial's folder or its generator.safetensors")->required();
  auto* count = app.add_option("--num", flags->settings.count, "samples");
  count->capture_default_str()->check(
      CLI::Range(std::int64_t{1}, static_cast<std::int64_t>(kMostSamples)));
  app.add_option("--seed", flags->settings.seed, "of the latents")->capture_default_str();
  app.add_option("--truncation", flags->settings.truncation,
                 "latents no number of which exceeds this: better and less varied samples")
      ->check(above_zero());
  app.add_option("--latents", flags->latents,
                 "take latents from this .npy, floating (N, Z), instead of drawing them");
  app.add_option("--interpolate", flags->interpolate,
                 "images on the way between two latents, a row of the grid for each pair; --num "
                 "samples in all")
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{1000}));
  app.add_option("--bn-mode", flags->settings.mode, "batch norm: " + join(sample_modes().names()))
      ->capture_default_str();
  app.add_option("--class", flags->class_name,
                 "of a conditional generator: a class by name or number, or all: --num samples in "
                 "all, a row of the grid for each class");
  app.add_option(
      "--instances", flags->instances,
      "of a generator conditioned on instances: a folder of images, or numbers of stored "
      "ones (3 or 0,7,12); --num samples in all, shared out over them");
  app.add_option("--fill", flags->fill.image,
                 "of a generator that fills in hidden parts: a picture, or numbers of stored ones "
                 "(3 or 0,7,12); --num samples in all, shared out over them");
  app.add_option(
      "--mask", flags->fill.mask,
      "with --fill: a picture, white where it is to be filled (default: as in training)");
  app.add_option("--features", flags->features,
                 "with a folder: the detector's file, where it does not come with the program");
  app.add_option(
      "--grid", flags->grid,
      "write one picture of all samples; with --instances and --fill a row for each, itself "
      "first");
  app.add_option("--npz", flags->npz, "write arr_0, uint8 (N, H, W, C), and arr_1, the classes");
  app.add_option("--png-dir", flags->png_dir,
                 "write one PNG a sample into this folder, or into one for each class below it");
  return [flags, count] {
    flags->counted = count->count() > 0;
    return run_sample(*flags);
  };
}

}  // namespace ganselect
