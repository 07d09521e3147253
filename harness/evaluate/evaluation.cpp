#include "harness/evaluate/evaluation.h"

#include <algorithm>
#include <set>

#include "base/named_table.h"
#include "base/seeds.h"
#include "base/torch/device_stream.h"
#include "datasets/neighborhoods.h"
#include "datasets/partition.h"
#include "datasets/table.h"
#include "harness/train/training_version.h"
#include "metrics/evaluation_version.h"
#include "metrics/instances.h"

namespace ganselect {
namespace {

constexpr std::int64_t kDetectorBatch = 256;  // samples that the detector sees at a time

// Hands a stream on, holding its samples against the data set and taking their digest.
class WatchedStream : public SampleStream {
 public:
  struct Watch {
    bool digest = false;  // take the SHA-256 of all
    bool keep = false;    // hold all, for measures that train on the images
  };
  WatchedStream(SampleStream& stream, const SampleShape& expected, const Detector& detector,
                Watch watch)
      : stream_(stream), expected_(expected), detector_(detector), watch_(watch) {}
  std::int64_t size() const override { return stream_.size(); }
  torch::Tensor labels() const override { return stream_.labels(); }
  std::vector<std::string> warnings() const override {
    auto found = stream_.warnings();
    if (matched_ > 0) {
      found.emplace_back(matched_ == 1
                             ? "matched_channels: grey samples, the same in all three channels"
                             : "matched_channels: samples of three equal channels, taken as grey");
    }
    return found;
  }
  torch::Tensor next() override {
    auto batch = stream_.next();
    if (!batch.defined()) return batch;
    if (batch.dim() == 4 && !expected_.points && batch.size(1) != expected_.channels) {
      const auto channels = batch.size(1);
      batch = matching_channels(batch, expected_.channels);
      if (batch.size(1) != channels) matched_ = channels;
    }
    shape_ = batch.dim() == 2 ? SampleShape::point()
                              : SampleShape::image(batch.size(1), batch.size(2), batch.size(3));
    check_shape();
    if (watch_.digest) digest_.add(batch, size());
    if (watch_.keep) kept_.push_back(batch.cpu());
    return batch;
  }
  const SampleShape& shape() const { return shape_; }
  std::string digest() { return digest_.hex(labels()); }
  torch::Tensor kept() const { return torch::cat(kept_); }

 private:
  void check_shape() const {
    if (shape_ == expected_) return;
    const bool alike = shape_.points == expected_.points && shape_.channels == expected_.channels;
    if (alike && detector_.preprocessing(shape_) != "none") return;
    fail(ErrorKind::kData,
         {.where = "evaluate",
          .expected = "samples of the data set's shape, " + to_string(expected_),
          .got = to_string(shape_),
          .hint = alike ? "the detector " + detector_.name() + " resizes nothing" : ""});
  }

  SampleStream& stream_;
  SampleShape expected_, shape_;
  const Detector& detector_;
  Watch watch_;
  std::int64_t matched_ = 0;  // channels of samples that were brought to the data's
  ContentDigest digest_;
  std::vector<torch::Tensor> kept_;
};

}  // namespace

// A data set's warnings read "code: text".
void warn_of_data(const std::vector<std::string>& warnings, Measures& measures) {
  for (const auto& warning : warnings) {
    const auto colon = warning.find(": ");
    if (colon == std::string::npos) {
      measures.warn("data", "", warning);
    } else {
      measures.warn(warning.substr(0, colon), "", warning.substr(colon + 2));
    }
  }
}

std::string default_detector(const Dataset& data) {
  if (data.shape.points) return "coordinates";
  const auto* spec = dataset_table().find(data.name);
  if (spec != nullptr && !spec->detector.empty()) return spec->detector;
  // Features of many kinds of images: a judge of ten classes may prefer noise to photographs.
  return "efficientnet-lite0";
}

void check_evaluation_steps(const TrainSettings& settings, const EvaluationPlan& plan) {
  for (const auto step : plan.evaluation_steps) {
    if (step <= settings.steps) continue;
    fail(ErrorKind::kUsage, {.where = "key 'evaluation_steps'",
                             .expected = "steps of at most " + std::to_string(settings.steps) +
                                         ", the updates of " + settings.point,
                             .got = std::to_string(step)});
  }
}

Json plan_identity(const EvaluationPlan& plan) {
  Json identity = settings_to_json(plan);
  const Json defaults = settings_to_json(EvaluationPlan{});
  for (const char* later : {"classifier", "metrics", "intervals", "fid_infinity",
                            "evaluation_steps", "detectors", "metric_options"}) {
    if (identity[later] == defaults[later]) identity.erase(later);
  }
  return identity;
}

Evaluator::Evaluator(const Dataset& train, const Dataset* held_out, EvaluationPlan plan,
                     torch::Device device, EvaluatorOptions options)
    : train_(train),
      held_out_(held_out),
      plan_(std::move(plan)),
      device_(device),
      options_(std::move(options)) {
  if (plan_.detector == "auto") plan_.detector = default_detector(train);
  check_metric_options(plan_.metric_options, "metric option");
  detector_ = load_detector(plan_.detector, device);
  add_further_detectors();
  wait_for_current_stream(device);  // trials use it on streams of their own
}

// One that cannot look at such samples is refused now, not after training.
void Evaluator::add_further_detectors() {
  std::set<std::string> names = {plan_.detector};
  for (const auto& name : plan_.detectors) {
    if (!names.insert(name).second) {
      fail(ErrorKind::kUsage, {.where = "key 'detectors'",
                               .expected = "other detectors than " + plan_.detector + ", each once",
                               .got = "'" + name + "'"});
    }
    EvaluationPlan plan = plan_;
    plan.detector = name;
    plan.detectors.clear();
    // These look at the images themselves, not through a detector.
    plan.reconstruction = plan.classifier = false;
    further_.push_back(std::make_unique<Evaluator>(train_, held_out_, plan, device_, options_));
    further_.back()->detector_->detect(train_.samples.slice(0, 0, 2));
  }
}

bool Evaluator::knows_classes(const Detections& detections) const {
  if (!detections.logits.defined() || detections.foreign_classes) return false;
  const auto* spec = dataset_table().find(train_.name);
  if (spec != nullptr && spec->detector == detector_->name()) return true;
  const auto named = detector_->class_names();
  if (!named.empty()) return named == train_.class_names;
  // A module of the user's own says nothing of its classes: as many as the data have are theirs.
  return !train_.labels.defined() ||
         detections.logits.size(-1) == static_cast<std::int64_t>(train_.class_names.size());
}

void Evaluator::set_unseen(const Dataset* unseen) {
  unseen_ = unseen;
  for (auto& evaluator : further_) evaluator->set_unseen(unseen);
}

Json Evaluator::trial_settings() const {
  Json settings = {{"evaluation", plan_identity(plan_)},
                   {"detector_digest", detector_->digest()},
                   {"training_version", kTrainingVersion},
                   {"evaluation_version", kEvaluationVersion}};
  for (const auto& evaluator : further_)
    settings["detector_digests"][evaluator->plan_.detector] = evaluator->detector_->digest();
  if (train_.neighborhoods) settings["instances"] = train_.neighborhoods->identity();
  if (train_.partition) settings["partition"] = train_.partition->identity();
  return settings;
}

std::int64_t Evaluator::reference_count(std::int64_t generated) const {
  return std::min(train_.size(), plan_.reference_samples > 0 ? plan_.reference_samples : generated);
}

DetectSettings Evaluator::detect_settings(const std::string& phase, std::int64_t total) const {
  DetectSettings settings;
  settings.batch_size = options_.batch;
  if (options_.progress)
    settings.progress = [this, phase, total](std::int64_t done) {
      options_.progress(phase, done, total);
    };
  return settings;
}

const Reference& Evaluator::reference(std::int64_t count) {
  std::scoped_lock lock(mutex_);
  const auto found = references_.find(count);
  if (found != references_.end()) return found->second;
  auto computed = reference_detections(train_, *detector_,
                                       {.count = count,
                                        .seed = plan_.seed,
                                        .cache = options_.cache,
                                        .detect = detect_settings("reference", count)});
  computed.detections = on_device(computed.detections, device_);
  computed.detections.foreign_classes = !knows_classes(computed.detections);
  wait_for_current_stream(device_);
  return references_.emplace(count, std::move(computed)).first->second;
}

const Detections& Evaluator::heldout() {
  std::scoped_lock lock(mutex_);
  if (!heldout_features_) {
    const bool usable = held_out_ != nullptr && held_out_->size() > 1;
    heldout_features_ =
        usable ? on_device(reference_detections(
                               *held_out_, *detector_,
                               {.cache = options_.cache,
                                .detect = detect_settings("held-out", held_out_->size())})
                               .detections,
                           device_)
               : Detections();
    wait_for_current_stream(device_);
  }
  return *heldout_features_;
}

void Evaluator::add_instances(const SampleInput& input, EvaluationInput& in) {
  const auto features = [&](const torch::Tensor& images) {
    return detect_all(*detector_, images, kDetectorBatch, device_).features;
  };
  if (unseen_ != nullptr) {
    const SampleDraw draw{.count = in.fake.size(), .seed = stream_seed(plan_.seed, "unseen rows")};
    in.unseen = features(
        unseen_->samples.index_select(0, drawn_rows(unseen_->size(), unseen_->labels, draw)));
    if (input.unseen_samples.defined()) in.unseen_fake = features(input.unseen_samples);
    in.protocol["unseen"] = {
        {"data", unseen_->name}, {"split", unseen_->split}, {"digest", unseen_->digest}};
  }
  if (!input.instances) return;
  InstanceSamples samples{.stored = input.instances->stored,
                          .samples = input.instances->samples,
                          .asked = input.instances->asked};
  for (const auto& one : input.instances->neighborhoods)
    samples.neighborhoods.push_back({.real = features(one.real), .fake = features(one.fake)});
  in.instances = std::make_shared<const InstanceSamples>(std::move(samples));
}

void Evaluator::add_images(bool density, EvaluationInput& in) const {
  if (train_.shape.points || held_out_ == nullptr) return;
  if (density && in.fake_images.defined()) {
    const auto inner = [&](const torch::Tensor& images) {
      const auto p = train_.padding;
      return images.slice(2, p, images.size(2) - p).slice(3, p, images.size(3) - p);
    };
    in.density = DensityImages{.fake = inner(in.fake_images), .heldout = inner(held_out_->samples)};
  }
  if (!plan_.classifier) return;
  in.heldout_pixels = held_out_->samples;
  in.heldout_labels = held_out_->labels;
}

void Evaluator::detect_samples(const SampleInput& input, Kept kept, EvaluationInput& into,
                               std::vector<std::string>& warnings) {
  const bool keep_images = kept.images && !train_.shape.points;
  WatchedStream watched(*input.samples, train_.shape, *detector_,
                        {.digest = input.digest, .keep = keep_images});
  auto settings = detect_settings("samples", watched.size());
  settings.keep_features = kept.features || train_.mixture.has_value();
  settings.target = device_;
  auto found = detect_stream(*detector_, watched, settings);
  into.fake = found.detections;
  into.fake.foreign_classes = !knows_classes(into.fake);
  if (found.moments) into.fake_statistics = feature_statistics(*found.moments);
  if (input.digest) into.protocol["samples_digest"] = watched.digest();
  const auto done = detector_->preprocessing(watched.shape());
  if (done != into.protocol["preprocessing"]) into.protocol["sample_preprocessing"] = done;
  if (keep_images) into.fake_images = watched.kept();
  warnings = watched.warnings();
}

Measures Evaluator::run(const SampleInput& input, const EvaluationSettings& settings,
                        const std::optional<std::filesystem::path>& statistics) {
  const auto generated = input.samples              ? input.samples->size()
                         : input.features.defined() ? input.features.size(0)
                         : input.statistics->count  ? *input.statistics->count
                                                    : plan_.num_samples;
  const Reference& ref = reference(reference_count(generated));
  EvaluationInput in;
  in.real = ref.detections;
  in.real_labels = ref.labels;
  in.asked_labels = input.labels;
  in.asked_law = input.label_law;
  in.class_names = train_.class_names;
  in.protocol = ref.protocol;
  in.protocol["seed"] = plan_.seed;
  in.protocol.update(input.protocol);
  std::vector<std::string> warnings;
  if (input.samples) {
    detect_samples(input,
                   {.features = features_needed(settings.metrics),
                    .images = plan_.classifier || images_read(settings.metrics)},
                   in, warnings);
  } else {
    in.fake.features = input.features;
    in.fake_statistics = input.statistics;
  }
  in.heldout = heldout();
  if (train_.mixture && in.fake.features.defined()) {
    in.fake_points = in.fake.features;
    in.mode_centres = train_.mixture->centres;
    in.mode_sd = train_.mixture->standard_deviation;
  }
  if (plan_.reconstruction && input.generator && held_out_ != nullptr && !train_.shape.points) {
    in.generator = input.generator;
    in.latent_dim = input.latent_dim;
    const SampleDraw draw{.count = ReconstructionSettings{}.max_images,
                          .seed = stream_seed(plan_.seed, "reconstructed rows")};
    in.heldout_images = to_training_range(
        held_out_->samples.index_select(0, drawn_rows(held_out_->size(), held_out_->labels, draw)));
  }
  add_images(images_read(settings.metrics), in);
  if (!plan_.classifier)
    in.fake_images = torch::Tensor();  // a classifier is trained on them where they are
  if (instances_read(settings.metrics)) add_instances(input, in);
  in.clusters = input.clusters;
  in.fillings = input.fillings;
  if (statistics) {
    save_feature_statistics(*statistics,
                            in.fake_statistics
                                ? *in.fake_statistics
                                : feature_statistics(feature_moments(in.fake.features)),
                            {{"detector", detector_->name()},
                             {"detector_digest", detector_->digest()},
                             {"data", train_.name}});
  }
  Measures measures = measure_samples(in, settings, [&](std::int64_t done, std::int64_t total) {
    if (options_.progress) options_.progress("measures", done, total);
  });
  warn_of_data(warnings, measures);
  warn_of_data(train_.warnings, measures);
  if (held_out_ != nullptr) warn_of_data(held_out_->warnings, measures);
  return measures;
}

namespace {

// Families that go with what a generator is told: standard where there is something to look at.
std::vector<std::string> families_for(const SampleInput& input, std::vector<std::string> metrics) {
  const bool standard = metrics.empty() || std::find(metrics.begin(), metrics.end(),
                                                     kStandardFamilies) != metrics.end();
  const auto add = [&](bool looked_at, const char* family) {
    const bool there = std::find(metrics.begin(), metrics.end(), family) != metrics.end();
    if (!standard || !looked_at || there) return;
    if (metrics.empty()) metrics.emplace_back(kStandardFamilies);
    metrics.emplace_back(family);
  };
  add(input.clusters != nullptr, "clusters");
  add(input.fillings != nullptr, "inpainting");
  return metrics;
}

}  // namespace

Measures Evaluator::measure(const SampleInput& input,
                            const std::optional<std::filesystem::path>& statistics) {
  EvaluationSettings settings;
  settings.metrics = families_for(input, plan_.metrics);
  settings.seed = plan_.seed;
  settings.interval_draws = plan_.intervals;
  settings.fid_infinity = plan_.fid_infinity;
  settings.options = plan_.metric_options;
  return run(input, settings, statistics);
}

std::map<std::string, Measures> Evaluator::measure_by_detector(
    const std::function<SampleInput()>& draw) {
  std::map<std::string, Measures> by_detector;
  for (auto& evaluator : further_) {
    Measures measures = evaluator->measure(draw());
    std::erase_if(measures.values, [](const auto& item) {
      const auto* spec = find_metric_spec(item.first);
      return spec != nullptr && !spec->per_detector;
    });
    std::erase_if(measures.reason,
                  [&](const auto& item) { return !measures.values.contains(item.first); });
    by_detector.emplace(evaluator->plan_.detector, std::move(measures));
  }
  return by_detector;
}

Measures Evaluator::measure_briefly(const SampleInput& input) {
  EvaluationSettings settings;
  settings.metrics = {"fid", "modes"};
  if (input.labels.defined()) settings.metrics.emplace_back("label_accuracy");
  settings.options = plan_.metric_options;
  settings.seed = plan_.seed;
  return run(input, settings, std::nullopt);
}

}  // namespace ganselect
