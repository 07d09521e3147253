// `neighbors build` and `partition build`: the neighbourhoods that conditioning on instances trains
// from, and the clusters that stand in for classes.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/torch/device.h"
#include "datasets/class_split.h"
#include "datasets/table.h"
#include "harness/cli/number_checks.h"
#include "harness/commands/commands.h"
#include "harness/commands/evaluation_flags.h"
#include "harness/sweep/trial_job.h"
#include "metrics/neighborhoods_make.h"
#include "metrics/partition_make.h"

namespace ganselect {
namespace {

// What both are made of.
struct MadeOfData {
  ImageReading reading;
  std::string dataset = "cifar10", device = "auto", out;
  std::vector<std::string> without_classes;
  std::int64_t limit = 0;
  std::uint64_t draw = 0;
  bool json = false;
};
struct NeighborsFlags : MadeOfData {
  NeighborhoodSettings settings;
};
struct PartitionFlags : MadeOfData {
  PartitionSettings settings;
};

Dataset data_of(const MadeOfData& f, const GlobalFlags& global) {
  // Those that a training with the same limit draws.
  const auto limit = data_limit({.dataset_limit = f.limit, .dataset_draw = f.draw});
  Dataset data = load_trial_data(dataset_name(f.dataset, f.reading), global.data_dir, limit).train;
  return f.without_classes.empty() ? data : split_classes(data, f.without_classes).kept;
}

int run_partition_build(const PartitionFlags& f, const GlobalFlags& global) {
  const Dataset data = data_of(f, global);
  const auto detector =
      load_feature_detector(f.settings.features, f.dataset, parse_device(f.device));
  log_info("{} clusters of {} images in the features of {}", f.settings.clusters, data.size(),
           detector->name());
  const auto made = make_partition(data, *detector, f.settings);
  save_partition(f.out, made);
  const auto sizes = made.labels.bincount({}, made.clusters());
  Json result = {{"file", f.out},
                 {"sha256", sha256_file(f.out)},
                 {"count", data.size()},
                 {"smallest", sizes.min().item<std::int64_t>()},
                 {"largest", sizes.max().item<std::int64_t>()},
                 {"data_digest", made.data_digest}};
  result.update(made.identity());
  print_result(f.json ? result.dump(2) + "\n"
                      : fmt::format("{}: {} clusters of {} images, of {} to {}\nsha256 {}\n", f.out,
                                    made.clusters(), data.size(),
                                    result.at("smallest").get<std::int64_t>(),
                                    result.at("largest").get<std::int64_t>(),
                                    result.at("sha256").get<std::string>()));
  return 0;
}

int run_neighbors_build(const NeighborsFlags& f, const GlobalFlags& global) {
  const Dataset data = data_of(f, global);
  const auto device = parse_device(f.device);
  const auto detector = load_feature_detector(f.settings.features, f.dataset, device);
  log_info("{} neighbours of each of {} images in the features of {}", f.settings.k, data.size(),
           detector->name());
  const auto made = make_neighborhoods(data, *detector, f.settings, device);
  save_neighborhoods(f.out, made);
  Json result = {{"file", f.out}, {"sha256", sha256_file(f.out)}, {"count", made.size()}};
  result.update(made.identity());
  result["data_digest"] = made.data_digest;
  print_result(f.json ? result.dump(2) + "\n"
                      : fmt::format("{}: {} neighbours ({} included) of each of {} images, {} "
                                    "stored instances\nsha256 {}\n",
                                    f.out, made.k(), made.include_self ? "itself" : "not itself",
                                    made.size(), made.stored.size(0),
                                    result.at("sha256").get<std::string>()));
  return 0;
}

void add_data_flags(CLI::App& build, MadeOfData& flags, std::string& features) {
  build.add_option("--dataset", flags.dataset, "data set (ganselect data list)")
      ->capture_default_str();
  add_reading_flags(build, flags.reading);
  build.add_option("--dataset-limit", flags.limit, "N training samples only; 0: all")
      ->capture_default_str();
  build
      .add_option("--dataset-draw", flags.draw,
                  "seed of the draw of those samples, as in the training")
      ->capture_default_str();
  build
      .add_option("--without-classes", flags.without_classes,
                  "classes left out, as in a training that leaves them out")
      ->delimiter(',');
  build
      .add_option("--features", features,
                  "simclr or judge (the data set's own), a detector's name, or its file")
      ->capture_default_str();
  build.add_option("--device", flags.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  build.add_option("--out", flags.out, "the file to write, .safetensors")->required();
  build.add_flag("--json", flags.json, "as JSON");
}

}  // namespace

CommandAction attach_neighbors(CLI::App& app, const GlobalFlags& global) {
  app.require_subcommand(1);
  auto flags = std::make_shared<NeighborsFlags>();
  CLI::App* build = app.add_subcommand("build", "exact nearest neighbours by cosine similarity");
  add_data_flags(*build, *flags, flags->settings.features);
  build->add_option("--k", flags->settings.k, "neighbours of an image")
      ->capture_default_str()
      ->check(above_zero());
  build->add_flag("--include-self", flags->settings.include_self,
                  "an image is in its own neighbourhood, first and counted (the authors' code "
                  "leaves it out)");
  build
      ->add_option("--stored", flags->settings.stored,
                   "images, chosen by k-means, that a generator keeps to be sampled from")
      ->capture_default_str()
      ->check(above_zero());
  build->add_option("--seed", flags->settings.seed, "of the choice of stored images")
      ->capture_default_str();
  return [flags, &global] { return run_neighbors_build(*flags, global); };
}

CommandAction attach_partition(CLI::App& app, const GlobalFlags& global) {
  app.require_subcommand(1);
  auto flags = std::make_shared<PartitionFlags>();
  CLI::App* build = app.add_subcommand("build", "clusters of the features, by k-means");
  add_data_flags(*build, *flags, flags->settings.features);
  build->add_option("--clusters", flags->settings.clusters, "how many")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{1000000}));
  build->add_option("--seed", flags->settings.seed, "of the k-means")->capture_default_str();
  return [flags, &global] { return run_partition_build(*flags, global); };
}

}  // namespace ganselect
