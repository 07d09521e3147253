// The reverse of label accuracy: a classifier that has seen generated samples and their labels
// alone, tested on real images (classification accuracy score, Ravuri & Vinyals 2019,
// arXiv:1905.10887). Unlike theirs a small residual classifier (metrics/detectors/judge.h), so
// figures compare with one another only.
#include <torch/torch.h>

#include <string>
#include <utility>

#include "metrics/class_names.h"
#include "metrics/detectors/judge_train.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

Dataset labelled_set(const char* name, const torch::Tensor& images, const torch::Tensor& labels,
                     int64_t classes) {
  Dataset set;
  set.name = name;
  set.split = "train";
  set.shape = SampleShape::image(images.size(1), images.size(2), images.size(3));
  set.samples = images.cpu().contiguous();
  set.labels = labels.to(torch::kCPU, torch::kInt64).contiguous();
  for (int64_t c = 0; c < classes; ++c) set.class_names.push_back(std::to_string(c));
  return set;
}

// Neither mirrored nor covered: digits and drawn shapes must keep their class.
JudgeTrainSettings classifier_settings(const EvaluationSettings& settings) {
  JudgeTrainSettings training;
  training.seed = settings.seed;
  training.epochs = static_cast<int64_t>(metric_option(settings, "classifier_accuracy.epochs"));
  training.batch = 64;
  training.peak_rate = 0.1;
  training.augmentation = {.shift = 2, .mirror = false, .cutout = 0};
  training.widths = {16, 32, 128};
  training.average = 0;  // few samples make few steps, too few to average over
  training.precision = "float32";
  return training;
}

void compute_classifier_accuracy(const EvaluationInput& input, const EvaluationSettings& settings,
                                 Measures& measures) {
  const auto classes = count_classes(input);
  const auto samples =
      labelled_set("generated samples", input.fake_images, input.asked_labels, classes);
  const auto real =
      labelled_set("held-out images", input.heldout_pixels, input.heldout_labels, classes);
  auto training = classifier_settings(settings);
  if (samples.size() < training.batch) {
    return measures.set_missing("classifier_accuracy",
                                "needs at least " + std::to_string(training.batch) + " samples");
  }
  const auto network = train_judge(training, samples);
  measure_protocol(measures, "classifier_accuracy") = {{"asked", input.asked_law},
                                                       {"epochs", training.epochs},
                                                       {"widths", training.widths},
                                                       {"n_trained_on", samples.size()},
                                                       {"n_tested_on", real.size()}};
  measures.set("classifier_accuracy", evaluate_judge(*network, real).accuracy());
}

}  // namespace

MetricFamily classifier_accuracy_metric() {
  return {.name = "classifier_accuracy",
          .measures = {"classifier_accuracy"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (!input.asked_labels.defined()) return kNotAsked;
            if (!input.fake_images.defined()) return "slow, so only on request: --classifier";
            if (!input.heldout_pixels.defined() || !input.heldout_labels.defined()) {
              return "needs held-out images with labels";
            }
            return std::nullopt;
          },
          .compute = compute_classifier_accuracy,
          .options = {{"epochs", 10, "passes over the samples that the classifier is trained on",
                       whole_at_least(1)}}};
}

}  // namespace ganselect
