#include "harness/run/evaluation.h"

#include <algorithm>

#include "base/log.h"
#include "base/named_table.h"
#include "base/torch/device_stream.h"
#include "datasets/neighborhoods.h"
#include "datasets/table.h"
#include "metrics/instances.h"

namespace ganselect {
namespace {

constexpr std::int64_t kDetectorBatch = 256;

struct DetectorChoice {
  std::string name;  // data set
  std::string detector;
};

// The data sets with a judge of their own.
const NamedTable<DetectorChoice>& detector_choices() {
  static const NamedTable<DetectorChoice> table("data set", {{"cifar10", "judge-cifar10"},
                                                             {"mnist", "judge-mnist"},
                                                             {"stacked-mnist", "judge-mnist"},
                                                             {"embedded", "judge-embedded"}});
  return table;
}

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
  const auto* choice = detector_choices().find(data.name);
  return choice != nullptr ? choice->detector
                           : "judge-cifar10";  // folders and arrays of natural images
}

Evaluator::Evaluator(const Dataset& train, const Dataset* held_out, EvaluationPlan plan,
                     torch::Device device)
    : train_(train), held_out_(held_out), plan_(std::move(plan)), device_(device) {
  if (plan_.detector == "auto") plan_.detector = default_detector(train);
  detector_ = load_detector(plan_.detector, device);
  wait_for_current_stream(device);  // trials use it on streams of their own
}

Json Evaluator::trial_settings() const {
  Json plan = settings_to_json(plan_);
  // Newer than records that must keep their ids.
  if (!plan_.classifier) plan.erase("classifier");
  Json settings = {{"evaluation", plan}, {"detector_digest", detector_->digest()}};
  if (train_.neighborhoods) settings["instances"] = train_.neighborhoods->identity();
  return settings;
}

std::int64_t Evaluator::reference_count(std::int64_t generated) const {
  return std::min(train_.size(), plan_.reference_samples > 0 ? plan_.reference_samples : generated);
}

const Reference& Evaluator::reference(std::int64_t count) {
  std::scoped_lock lock(mutex_);
  const auto found = references_.find(count);
  if (found != references_.end()) return found->second;
  auto computed = reference_detections(train_, *detector_, count, std::nullopt);
  computed.detections = on_device(computed.detections, device_);
  wait_for_current_stream(device_);
  return references_.emplace(count, std::move(computed)).first->second;
}

const Detections& Evaluator::heldout() {
  std::scoped_lock lock(mutex_);
  if (!heldout_features_) {
    const bool usable = held_out_ != nullptr && held_out_->size() > 1;
    heldout_features_ =
        usable ? detect_all(*detector_, held_out_->samples, kDetectorBatch, device_) : Detections();
    wait_for_current_stream(device_);
  }
  return *heldout_features_;
}

void Evaluator::add_instances(const SampleInput& input, EvaluationInput& in) {
  const auto features = [&](const torch::Tensor& images) {
    return detect_all(*detector_, images, kDetectorBatch, device_).features;
  };
  if (unseen_ != nullptr) {
    in.unseen = features(unseen_->samples.slice(0, 0, input.samples.size(0)));
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

Measures Evaluator::run(const SampleInput& input, const std::vector<std::string>& metrics,
                        const std::optional<std::filesystem::path>& statistics) {
  const Reference& ref = reference(reference_count(input.samples.size(0)));
  EvaluationInput in;
  in.fake = detect_all(*detector_, input.samples, kDetectorBatch, device_);
  in.real = ref.detections;
  in.real_labels = ref.labels;
  in.asked_labels = input.labels;
  in.asked_law = input.label_law;
  in.class_names = train_.class_names;
  in.heldout = heldout();
  if (train_.mixture) {
    in.fake_points = input.samples;
    in.mode_centres = train_.mixture->centres;
    in.mode_sd = train_.mixture->standard_deviation;
  }
  if (plan_.reconstruction && input.generator && held_out_ != nullptr && !train_.shape.points) {
    in.generator = input.generator;
    in.latent_dim = input.latent_dim;
    in.heldout_images =
        to_training_range(held_out_->samples.slice(0, 0, ReconstructionSettings{}.max_images));
  }
  if (plan_.classifier && !train_.shape.points) {
    in.fake_images = input.samples;
    if (held_out_ != nullptr) {
      in.heldout_pixels = held_out_->samples;
      in.heldout_labels = held_out_->labels;
    }
  }
  in.protocol = ref.protocol;
  in.protocol["seed"] = plan_.seed;
  in.protocol.update(input.protocol);
  if (metrics.empty()) add_instances(input, in);
  if (statistics) {
    save_feature_statistics(*statistics, in.fake.features,
                            {{"detector", detector_->name()},
                             {"detector_digest", detector_->digest()},
                             {"data", train_.name}});
  }
  EvaluationSettings settings;
  settings.metrics = metrics;
  settings.seed = plan_.seed;
  Measures measures = measure_samples(in, settings);
  warn_of_data(train_.warnings, measures);
  if (held_out_ != nullptr) warn_of_data(held_out_->warnings, measures);
  return measures;
}

Measures Evaluator::measure(const SampleInput& input,
                            const std::optional<std::filesystem::path>& statistics) {
  return run(input, {}, statistics);
}

Measures Evaluator::measure_briefly(const SampleInput& input) {
  std::vector<std::string> metrics = {"fid", "modes"};
  if (input.labels.defined()) metrics.emplace_back("label_accuracy");
  return run(input, metrics, std::nullopt);
}

}  // namespace ganselect
