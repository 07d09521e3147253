#include "metrics/modes.h"

#include <torch/torch.h>

#include <cmath>
#include <string>
#include <utility>

#include "metrics/inception_score.h"
#include "metrics/point_modes.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

torch::Tensor as_distribution(const torch::Tensor& histogram) {
  const auto p = histogram.to(torch::kCPU, torch::kFloat64);
  const double sum = p.sum().item<double>();
  if (p.dim() != 1 || p.size(0) < 1 || p.min().item<double>() < 0 || !(sum > 0)) {
    fail(ErrorKind::kData, {.where = "histogram",
                            .expected = "counts >= 0 with a positive sum",
                            .got = "sum " + std::to_string(sum)});
  }
  return p / sum;
}

// The data's class histogram to compare with, and what it was taken from.
std::pair<torch::Tensor, std::string> reference_histogram(const EvaluationInput& input,
                                                          int64_t classes) {
  if (input.real_labels.defined())
    return {class_histogram(input.real_labels, classes), "labels of the data"};
  if (input.real.logits.defined()) {
    const auto predicted = predict_classes(input.real);
    if (predicted.classes == classes)
      return {class_histogram(predicted.labels, classes), "detector's classes of the data"};
  }
  return {torch::ones({classes}, torch::kInt64), "uniform"};
}

void set_histogram_measures(const torch::Tensor& histogram, const torch::Tensor& reference,
                            const std::string& named, Measures& measures) {
  measure_protocol(measures, "mode_kl")["reference"] = named;
  measures.set("mode_entropy", histogram_entropy(histogram));
  const double kl = histogram_kl(histogram, reference);
  if (std::isinf(kl)) {
    measures.set_missing("mode_kl", "infinite: generated classes that the data has not");
  } else {
    measures.set("mode_kl", kl);
  }
}

void compute_class_modes(const EvaluationInput& input, const EvaluationSettings& settings,
                         Measures& measures) {
  measures.set_missing("high_quality_share", "only defined for point sets with known centres");
  torch::Tensor labels = input.fake_labels, shown = input.fake_labels;
  int64_t classes = input.classes;
  auto& protocol = measure_protocol(measures, "modes");
  if (labels.defined()) {
    protocol["from"] = "labels";
  } else {
    const auto predicted = predict_classes(input.fake);
    const double confidence = metric_option(settings, "modes.confidence");
    classes = predicted.classes;
    labels = predicted.labels;
    shown = labels.masked_select(predicted.confidence.ge(confidence));
    protocol["from"] = "class scores";
    protocol["confidence"] = confidence;
  }
  protocol["classes"] = classes;
  measures.set("modes", class_histogram(shown, classes).gt(0).sum().item<double>());
  const auto histogram = class_histogram(labels, classes);
  measure_protocol(measures, "modes_any") = {{"from", protocol["from"]}, {"classes", classes}};
  measures.set("modes_any", histogram.gt(0).sum().item<double>());
  const auto [reference, named] = reference_histogram(input, classes);
  set_histogram_measures(histogram, reference, named, measures);
}

// `modes` by the rule against chance; `modes_any`, as papers count, is met by most scatters.
void set_point_modes(const EvaluationInput& input, const EvaluationSettings& settings,
                     double radius_sd, Measures& measures) {
  const double level = metric_option(settings, "modes.level");
  const auto found =
      modes_above_chance(input.fake_points, input.mode_centres, radius_sd * input.mode_sd, level);
  measure_protocol(measures, "modes") = {{"from", "points"},
                                         {"radius_sd", radius_sd},
                                         {"classes", input.mode_centres.size(0)},
                                         {"rule", "above chance"},
                                         {"level", level}};
  if (found.obstacle) {
    measures.set_missing("modes", *found.obstacle);
  } else {
    measures.set("modes", static_cast<double>(found.modes));
  }
}

void compute_point_modes(const EvaluationInput& input, const EvaluationSettings& settings,
                         Measures& measures) {
  const double radius_sd = metric_option(settings, "modes.radius_sd");
  set_point_modes(input, settings, radius_sd, measures);
  const auto counted =
      count_point_modes(input.fake_points, input.mode_centres, radius_sd * input.mode_sd);
  for (const char* name : {"modes_any", "high_quality_share"})
    measure_protocol(measures, name) = {{"radius_sd", radius_sd}};
  measures.set("high_quality_share", counted.high_quality_share);
  measures.set("modes_any", counted.histogram.gt(0).sum().item<double>());
  if (counted.high_quality_share > 0) {
    return set_histogram_measures(counted.histogram, torch::ones_like(counted.histogram), "uniform",
                                  measures);
  }
  set_all_missing(measures, {"mode_kl", "mode_entropy"}, "no sample is near a centre");
}

std::optional<std::string> missing_classes(const EvaluationInput& input) {
  if (input.fake_points.defined() && input.mode_centres.defined()) return std::nullopt;
  if (input.fake_labels.defined()) return std::nullopt;
  if (input.fake.logits.defined()) return foreign_classes(input);
  return "needs class scores or labels of generated samples, or points with known centres";
}

}  // namespace

ClassPredictions predict_classes(const Detections& detections) {
  const auto probabilities = class_probabilities(detections).cpu();
  const auto [confidence, labels] = probabilities.max(1);
  return {.labels = labels, .confidence = confidence, .classes = probabilities.size(1)};
}

torch::Tensor class_histogram(const torch::Tensor& labels, int64_t classes) {
  if (labels.is_floating_point() || labels.dim() != 1 || classes < 1) {
    fail(ErrorKind::kData, {.where = "labels",
                            .expected = "integers (N) and at least 1 class",
                            .got = std::string(c10::toString(labels.scalar_type())) + " " +
                                   c10::str(labels.sizes())});
  }
  const auto flat = labels.to(torch::kCPU, torch::kInt64);
  if (flat.numel() == 0) return torch::zeros({classes}, torch::kInt64);
  const auto least = flat.min().item<int64_t>(), largest = flat.max().item<int64_t>();
  if (least < 0 || largest >= classes) {
    fail(ErrorKind::kData, {.where = "labels",
                            .expected = "0 to " + std::to_string(classes - 1),
                            .got = std::to_string(least < 0 ? least : largest)});
  }
  return flat.bincount({}, classes);
}

double histogram_kl(const torch::Tensor& p, const torch::Tensor& q) {
  if (p.sizes() != q.sizes()) {
    fail(ErrorKind::kData, {.where = "histograms",
                            .expected = "the same number of bins",
                            .got = c10::str(p.sizes()) + " and " + c10::str(q.sizes())});
  }
  const auto a = as_distribution(p), b = as_distribution(q);
  return (torch::xlogy(a, a) - torch::xlogy(a, b)).sum().item<double>();
}

double histogram_entropy(const torch::Tensor& p) {
  const auto a = as_distribution(p);
  return std::abs(
      torch::xlogy(a, a).sum().item<double>());  // the sum is at most 0; abs keeps -0 out
}

MetricFamily modes_metric() {
  return {
      .name = "modes",
      .measures = {"modes", "modes_any", "mode_kl", "mode_entropy", "high_quality_share"},
      .missing = missing_classes,
      .compute =
          [](const EvaluationInput& input, const EvaluationSettings& settings, Measures& measures) {
            const bool points = input.fake_points.defined() && input.mode_centres.defined();
            points ? compute_point_modes(input, settings, measures)
                   : compute_class_modes(input, settings, measures);
          },
      .needs_features = false,
      .options = {
          {"confidence", 0.5, "least top probability of a sample that shows a mode", between(0, 1)},
          {"radius_sd", 3, "reach of a mode of a point set in standard deviations", above(0)},
          {"level", 0.01, "chance of a mode where points know nothing of the centers",
           between(1e-12, 0.5)}}};
}

}  // namespace ganselect
