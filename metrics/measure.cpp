#include "metrics/measure.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "metrics/requirements.h"

namespace ganselect {

#define METRIC(id) MetricFamily id##_metric();
#include "metrics/metrics.inc"
#undef METRIC

namespace {

void check_features(const torch::Tensor& features, const char* set) {
  if (!features.defined()) return;
  if (features.dim() != 2 || !features.is_floating_point() || features.size(1) < 1) {
    fail(ErrorKind::kData, {.where = std::string(set) + " features",
                            .expected = "floating point of shape (N,D)",
                            .got = std::string(c10::toString(features.scalar_type())) + " " +
                                   c10::str(features.sizes())});
  }
  if (!features.isfinite().all().item<bool>()) {
    const auto row = (~features.isfinite()).any(1).to(torch::kInt64).argmax(0).item<int64_t>();
    fail(ErrorKind::kData, {.where = std::string(set) + " features",
                            .expected = "finite values",
                            .got = "NaN or infinity, first in row " + std::to_string(row)});
  }
}

void check_same_dimensions(const torch::Tensor& a, const torch::Tensor& b, const char* sets) {
  if (!a.defined() || !b.defined() || a.size(1) == b.size(1)) return;
  fail(ErrorKind::kData, {.where = std::string(sets) + " features",
                          .expected = "the same number of dimensions",
                          .got = std::to_string(a.size(1)) + " and " + std::to_string(b.size(1)),
                          .hint = "features of two detectors cannot be compared"});
}

void check_input(const EvaluationInput& input) {
  check_features(input.real.features, "real");
  check_features(input.fake.features, "generated");
  check_features(input.heldout.features, "held-out");
  check_same_dimensions(input.real.features, input.fake.features, "real and generated");
  check_same_dimensions(input.real.features, input.heldout.features, "real and held-out");
  if (input.asked_labels.defined() &&
      (input.asked_labels.dim() != 1 || input.asked_labels.size(0) != input.fake.size())) {
    fail(ErrorKind::kData, {.where = "asked labels",
                            .expected = std::to_string(input.fake.size()) + ", one a sample",
                            .got = c10::str(input.asked_labels.sizes())});
  }
  if (input.fake_labels.defined() && input.classes < 1) {
    fail(ErrorKind::kUsage,
         {.where = "labels", .expected = "the number of classes", .got = "none"});
  }
}

std::vector<const MetricFamily*> chosen_families(const EvaluationSettings& settings) {
  std::vector<const MetricFamily*> chosen;
  for (const auto& name : settings.metrics) chosen.push_back(&metric_families().at(name));
  if (chosen.empty()) {
    for (const auto& family : metric_families()) chosen.push_back(&family);
  }
  return chosen;
}

void add_counts(const EvaluationInput& input, Json& protocol) {
  const auto count = [](const Detections& detections) -> Json {
    return detections.size() > 0 ? Json(detections.size()) : Json();
  };
  if (!protocol.contains("n_real")) protocol["n_real"] = count(input.real);
  if (!protocol.contains("n_fake")) protocol["n_fake"] = count(input.fake);
  if (input.heldout.size() > 0) protocol["n_heldout"] = input.heldout.size();
  if (input.fake.features.defined()) protocol["dimensions"] = input.fake.features.size(1);
  protocol["measures"] = Json::object();
}

}  // namespace

const NamedTable<MetricFamily>& metric_families() {
  static const NamedTable<MetricFamily> table("metric", {
#define METRIC(id) id##_metric(),
#include "metrics/metrics.inc"
#undef METRIC
                                                        });
  return table;
}

Measures measure_samples(const EvaluationInput& input, const EvaluationSettings& settings) {
  const auto checked =
      settings_from_json<EvaluationSettings>(settings_to_json(settings), "evaluation settings");
  check_input(input);
  Measures measures;
  measures.protocol = input.protocol;
  add_counts(input, measures.protocol);
  for (const auto* family : chosen_families(checked)) {
    if (const auto why = family->missing(input)) {
      set_all_missing(measures, family->measures, *why);
    } else {
      family->compute(input, checked, measures);
    }
  }
  return measures;
}

}  // namespace ganselect
