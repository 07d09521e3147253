#include "harness/sweep/instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/torch/device.h"
#include "datasets/class_split.h"
#include "datasets/partition.h"
#include "harness/train/instance_source.h"
#include "metrics/numerics/cosine_neighbors.h"
#include "metrics/partition_make.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMeasuredInstances = 20;  // whose neighbourhoods are compared
constexpr std::int64_t kMeasuredNeighbors = 50;  // images of each, as published; whatever k is
constexpr std::int64_t kLookedAtSamples = 2000;  // for the share nearest to their own instance

void refuse_other_detector(const fs::path& file, const char* what, const Detector& detector,
                           const std::string& name, const std::string& digest) {
  if (digest == detector.digest()) return;
  fail(ErrorKind::kData, {.where = file.string(),
                          .expected = std::string(what) + " in the features of " + detector.name() +
                                      " " + detector.digest(),
                          .got = name + " " + digest,
                          .hint = "--features names the features of the file"});
}

Neighborhoods find_neighborhoods(const NeighborhoodSource& source, const Dataset& train,
                                 Detector& detector, torch::Device device) {
  std::error_code unseen;
  const bool kept = !source.keep.empty() && fs::exists(source.keep, unseen);
  if (source.file.empty() && !kept) {
    log_info("neighbourhoods of {} images in the features of {}", train.size(), detector.name());
    auto made = make_neighborhoods(train, detector, source.settings, device);
    if (!source.keep.empty()) save_neighborhoods(source.keep, made);
    return made;
  }
  const auto& file = source.file.empty() ? source.keep : source.file;
  auto read = load_neighborhoods(file, train);
  refuse_other_detector(file, "neighbourhoods", detector, read.detector, read.detector_digest);
  return read;
}

Partition find_partition(const NeighborhoodSource& source, const Dataset& train, Detector& detector,
                         std::int64_t clusters) {
  std::error_code unseen;
  const auto& keep = source.partition_keep;
  if (source.partition_file.empty() && (keep.empty() || !fs::exists(keep, unseen))) {
    log_info("{} clusters of {} images in the features of {}", clusters, train.size(),
             detector.name());
    auto made = make_partition(train, detector, {.clusters = clusters});
    if (!keep.empty()) save_partition(keep, made);
    return made;
  }
  const auto& file = source.partition_file.empty() ? keep : source.partition_file;
  auto read = load_partition(file, train);
  refuse_other_detector(file, "clusters", detector, read.detector, read.detector_digest);
  if (read.clusters() != clusters) {
    fail(ErrorKind::kData, {.where = file.string(),
                            .expected = std::to_string(clusters) + " clusters",
                            .got = std::to_string(read.clusters()),
                            .hint = "--clusters says how many a candidate is told"});
  }
  return read;
}

void prepare_clusters(const CandidateSpec& candidate, const NeighborhoodSource& source,
                      TrialData& data) {
  auto& detector = *data.instance_detector;
  data.train.partition = std::make_shared<const Partition>(
      find_partition(source, data.train, detector, candidate.clusters));
  if (data.held_out) {
    data.held_out->partition = std::make_shared<const Partition>(
        partition_of(*data.held_out, detector, *data.train.partition));
  }
}

ConditionTable one_entry(const ConditionTable& table, std::int64_t entry) {
  return {.rows = table.rows.at(torch::tensor({entry}, torch::kInt64)),
          .weights = torch::ones({1}, torch::kFloat64),
          .class_names = table.class_names,
          .law = "one instance"};
}

// Every image of the set, each as likely.
ConditionTable table_of_images(const Dataset& data, bool labelled, const ConditionTable& model) {
  ConditionTable table;
  table.rows.instances = data.neighborhoods->scaled_features();
  if (labelled) table.rows.labels = data.labels;
  table.weights = torch::ones({data.size()}, torch::kFloat64);
  table.class_names = model.class_names;
  table.law = "images of " + data.name + ", " + data.split;
  return table;
}

std::vector<InstanceImages::Neighborhood> measured_neighborhoods(Generator& generator,
                                                                 const ConditionTable& conditions,
                                                                 const Dataset& train,
                                                                 const SampleSettings& sampling) {
  const auto count = std::min(kMeasuredInstances, conditions.size());
  const auto entries = torch::arange(count, torch::kInt64) * conditions.size() / count;
  const auto rows =
      conditions.instances->rows.to(torch::kInt64).index_select(0, entries.to(torch::kInt64));
  const auto& features = train.neighborhoods->features;
  const auto near = cosine_neighbors(features.index_select(0, rows), features,
                                     std::min(kMeasuredNeighbors, features.size(0)))
                        .indices.to(torch::kInt64);
  std::vector<InstanceImages::Neighborhood> out;
  for (std::int64_t i = 0; i < count; ++i) {
    SampleSettings few = sampling;
    few.count = near.size(1);
    few.first = i * few.count;
    const auto entry = entries[i].to(torch::kInt64).item<std::int64_t>();
    out.push_back({.real = train.samples.index_select(0, near[i]),
                   .fake = draw_samples(generator, few, one_entry(conditions, entry)).samples});
  }
  return out;
}

// What the instances of a saved generator were looked at by; `features` names it where it does not
// come with the program.
std::unique_ptr<Detector> detector_of_instances(const SavedGenerator& saved,
                                                const std::string& features) {
  const auto& stored = *saved.conditions.instances;
  auto detector = load_feature_detector(features.empty() ? stored.detector : features,
                                        saved.settings.dataset, torch::kCPU);
  if (detector->digest() == stored.detector_digest) return detector;
  fail(ErrorKind::kData, {.where = "instances",
                          .expected = "the detector of the training instances, " + stored.detector +
                                      " " + stored.detector_digest,
                          .got = detector->name() + " " + detector->digest(),
                          .hint = "--features names its file"});
}

// "0,7,12" -> numbers below `size`; nothing when the text is no list of numbers.
std::optional<std::vector<std::int64_t>> instance_numbers(const std::string& text,
                                                          std::int64_t size) {
  if (text.empty() || text.find_first_not_of("0123456789,") != std::string::npos)
    return std::nullopt;
  std::vector<std::int64_t> numbers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    if (word.empty() || word.size() > 9 || std::stoll(word) >= size) {
      fail(ErrorKind::kUsage, {.where = "--instances",
                               .expected = fmt::format("numbers of 0 to {}", size - 1),
                               .got = "'" + word + "'"});
    }
    numbers.push_back(std::stoll(word));
  }
  return numbers;
}

}  // namespace

void leave_out_classes(const TrainSettings& settings, TrialData& data) {
  if (settings.without_classes.empty()) return;
  auto split = split_classes(data.train, settings.without_classes);
  data.train = std::move(split.kept);
  data.unseen = std::move(split.left_out);
  if (data.held_out) data.held_out = split_classes(*data.held_out, settings.without_classes).kept;
}

void prepare_trial_data(const TrainSettings& settings, const NeighborhoodSource& source,
                        TrialData& data) {
  leave_out_classes(settings, data);
  const auto candidate = resolve_candidate(settings);
  if (!candidate.needs_instances && !candidate.needs_clusters) return;
  const auto device = parse_device(settings.device);
  data.instance_detector =
      load_feature_detector(source.settings.features, settings.dataset, device);
  if (candidate.needs_clusters) return prepare_clusters(candidate, source, data);
  auto& detector = *data.instance_detector;
  auto found = find_neighborhoods(source, data.train, detector, device);
  const FeatureScale scale = found.scale;
  data.train.neighborhoods = std::make_shared<const Neighborhoods>(std::move(found));
  for (auto* other : {&data.held_out, &data.unseen}) {
    if (*other)
      (*other)->neighborhoods = std::make_shared<const Neighborhoods>(
          own_neighborhoods(**other, detector, scale, candidate.mirror));
  }
}

void add_instance_samples(Generator& generator, const ConditionTable& conditions,
                          const TrialData& data, const EvaluationPlan& plan, SampleInput& input) {
  if (!conditions.instances || !data.instance_detector) return;
  SampleSettings sampling;
  sampling.seed = plan.seed;
  sampling.mode = plan.mode;
  if (data.unseen) {
    sampling.count = input.samples->size();
    const auto table = table_of_images(*data.unseen, conditions.rows.labels.defined(), conditions);
    input.unseen_samples = draw_samples(generator, sampling, table).samples;
  }
  const auto& train = data.train;
  InstanceImages images;
  images.neighborhoods = measured_neighborhoods(generator, conditions, train, sampling);
  images.stored =
      train.neighborhoods->features.index_select(0, conditions.instances->rows.to(torch::kInt64));
  sampling.count = std::min(kLookedAtSamples, input.samples->size());
  const auto looked_at = draw_samples(generator, sampling, conditions).samples;
  images.samples = detect_all(*data.instance_detector, looked_at).features;
  images.asked = draw_table_rows(conditions, plan.seed, 0, looked_at.size(0));
  input.instances = std::make_shared<const InstanceImages>(std::move(images));
}

void add_cluster_samples(Generator& generator, const ConditionTable& conditions,
                         const TrialData& data, const EvaluationPlan& plan, SampleInput& input) {
  if (!data.train.partition || !are_cluster_names(conditions.class_names)) return;
  SampleSettings sampling;
  sampling.seed = plan.seed;
  sampling.mode = plan.mode;
  sampling.count = std::min(kLookedAtSamples, input.samples->size());
  const auto looked_at = draw_samples(generator, sampling, conditions);
  input.clusters = std::make_shared<const ClusterSamples>(ClusterSamples{
      .centres = data.train.partition->centres,
      .samples = unit_rows(detect_all(*data.instance_detector, looked_at.samples).features).cpu(),
      .asked = looked_at.condition.labels});
}

torch::Tensor draw_transfer_samples(SavedGenerator& saved, const Dataset& images,
                                    const SampleSettings& settings, const std::string& features) {
  if (!saved.conditions.instances) return {};
  const bool labelled = saved.conditions.rows.labels.defined();
  if (images.shape != saved.shape ||
      (labelled && images.class_names != saved.conditions.class_names)) {
    fail(ErrorKind::kUsage,
         {.where = "transfer to " + images.name,
          .expected = "images of " + to_string(saved.shape) +
                      (labelled ? " of the classes that " + saved.candidate.name + " is told" : ""),
          .got = to_string(images.shape) + " of " + std::to_string(images.class_names.size()) +
                 " classes"});
  }
  Dataset looked_at = images;
  looked_at.neighborhoods = std::make_shared<const Neighborhoods>(own_neighborhoods(
      images, *detector_of_instances(saved, features), saved.conditions.instances->scale));
  const auto table = table_of_images(looked_at, labelled, saved.conditions);
  return draw_samples(*saved.generator, settings, table).samples;
}

ConditionTable asked_instances(const SavedGenerator& saved, const std::string& asked,
                               const std::string& features) {
  const auto& stored = saved.conditions.instances;
  if (!stored) {
    fail(ErrorKind::kUsage, {.where = "--instances",
                             .expected = "a generator that is conditioned on instances",
                             .got = saved.candidate.name});
  }
  StoredInstances chosen{.scale = stored->scale,
                         .detector = stored->detector,
                         .detector_digest = stored->detector_digest};
  ConditionTable table{.class_names = saved.conditions.class_names, .law = "instances " + asked};
  if (const auto numbers = instance_numbers(asked, saved.conditions.size())) {
    const auto entries = torch::tensor(*numbers, torch::kInt64);
    table.rows = saved.conditions.rows.at(entries);
    chosen.images = stored->images.index_select(0, entries);
    chosen.rows = stored->rows.index_select(0, entries);
  } else {
    if (saved.conditions.rows.labels.defined()) {
      fail(ErrorKind::kUsage, {.where = "--instances",
                               .expected = "numbers, for a generator that is told classes too",
                               .got = "'" + asked + "'"});
    }
    const Dataset data = load_dataset(
        "folder:" + asked, {.reading = {.image_size = saved.shape.height,
                                        .channels = channel_choice(saved.shape.channels)}});
    const auto detector = detector_of_instances(saved, features);
    table.rows.instances =
        stored->scale.apply(unit_rows(detect_all(*detector, data.samples).features));
    chosen.images = data.samples;
    chosen.rows = torch::arange(data.size(), torch::kInt32);
  }
  table.weights = torch::ones({chosen.images.size(0)}, torch::kFloat64);
  table.instances = std::make_shared<const StoredInstances>(std::move(chosen));
  return table;
}

InstanceRows draw_instance_rows(Generator& generator, const SampleSettings& settings,
                                const ConditionTable& table, std::int64_t columns) {
  SampleSettings row = settings;
  row.count = columns;
  InstanceRows out;
  std::vector<torch::Tensor> samples, grid;
  for (std::int64_t entry = 0; entry < table.size(); ++entry) {
    const auto part = draw_samples(generator, row, one_entry(table, entry));
    samples.push_back(part.samples);
    grid.push_back(table.instances->images.slice(0, entry, entry + 1));
    grid.push_back(part.samples);
    out.set.protocol = part.protocol;
  }
  out.set.samples = torch::cat(samples);
  out.set.protocol["count"] = out.set.samples.size(0);
  out.grid = torch::cat(grid);
  return out;
}

}  // namespace ganselect
