#include "metrics/measure.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "base/torch/finite.h"
#include "metrics/intervals.h"
#include "metrics/requirements.h"

namespace ganselect {

#define MEASURE(...)
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
  if (!all_finite(features)) {
    const auto row = (~features.isfinite()).any(1).to(torch::kInt64).argmax(0).item<int64_t>();
    fail(ErrorKind::kData, {.where = std::string(set) + " features",
                            .expected = "finite values",
                            .got = "NaN or infinity, first in row " + std::to_string(row)});
  }
}

void check_statistics(const std::optional<FeatureStatistics>& statistics, const char* set) {
  if (!statistics) return;
  const auto& [mean, covariance, count] = *statistics;
  const bool fits = mean.defined() && covariance.defined() && mean.dim() == 1 &&
                    covariance.dim() == 2 && mean.size(0) >= 1 &&
                    covariance.size(0) == mean.size(0) && covariance.size(1) == mean.size(0);
  if (fits && all_finite(mean) && all_finite(covariance)) return;
  fail(ErrorKind::kData, {.where = std::string(set) + " statistics",
                          .expected = "a finite mean (D) and covariance (D,D)",
                          .got = fits ? "NaN or infinity" : "other shapes"});
}

int64_t dimensions(const torch::Tensor& features,
                   const std::optional<FeatureStatistics>& statistics) {
  if (features.defined()) return features.size(1);
  return statistics ? statistics->mean.size(0) : 0;
}

void check_same_dimensions(int64_t a, int64_t b, const char* sets) {
  if (a == 0 || b == 0 || a == b) return;
  fail(ErrorKind::kData, {.where = std::string(sets) + " features",
                          .expected = "the same number of dimensions",
                          .got = std::to_string(a) + " and " + std::to_string(b),
                          .hint = "features of two detectors cannot be compared"});
}

void check_input(const EvaluationInput& input) {
  check_features(input.real.features, "real");
  check_features(input.fake.features, "generated");
  check_features(input.heldout.features, "held-out");
  check_statistics(input.real_statistics, "real");
  check_statistics(input.fake_statistics, "generated");
  const int64_t real = dimensions(input.real.features, input.real_statistics);
  check_same_dimensions(real, dimensions(input.fake.features, input.fake_statistics),
                        "real and generated");
  check_same_dimensions(real, dimensions(input.heldout.features, std::nullopt),
                        "real and held-out");
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

}  // namespace

std::vector<const MetricFamily*> chosen_families(const EvaluationSettings& settings) {
  std::vector<const MetricFamily*> chosen;
  const auto add = [&](const MetricFamily& family) {
    if (std::find(chosen.begin(), chosen.end(), &family) == chosen.end()) chosen.push_back(&family);
  };
  const auto add_standard = [&] {
    for (const auto& family : metric_families()) {
      if (family.standard) add(family);
    }
  };
  for (const auto& name : settings.metrics) {
    if (name == kStandardFamilies) {
      add_standard();
    } else {
      add(metric_families().at(name));
    }
  }
  if (chosen.empty()) add_standard();
  return chosen;
}

namespace {

void add_counts(const EvaluationInput& input, Json& protocol) {
  const auto count = [](const Detections& detections,
                        const std::optional<FeatureStatistics>& statistics) -> Json {
    if (detections.size() > 0) return detections.size();
    return statistics && statistics->count ? Json(*statistics->count) : Json();
  };
  if (!protocol.contains("n_real")) protocol["n_real"] = count(input.real, input.real_statistics);
  if (!protocol.contains("n_fake")) protocol["n_fake"] = count(input.fake, input.fake_statistics);
  if (input.heldout.size() > 0) protocol["n_heldout"] = input.heldout.size();
  if (const auto d = dimensions(input.fake.features, input.fake_statistics); d > 0)
    protocol["dimensions"] = d;
  protocol["measures"] = Json::object();
}

}  // namespace

const NamedTable<MetricFamily>& metric_families() {
  static const NamedTable<MetricFamily> table("metric", {
#define METRIC(id) id##_metric(),
#include "metrics/metrics.inc"
#undef METRIC
#undef MEASURE
                                                        });
  return table;
}

std::vector<MetricOption> metric_options() {
  std::vector<MetricOption> all;
  for (const auto& family : metric_families()) {
    for (auto option : family.options) {
      option.name = family.name + "." + option.name;
      all.push_back(std::move(option));
    }
  }
  return all;
}

namespace {

const NamedTable<MetricOption>& option_table() {
  static const NamedTable<MetricOption> table("option of a metric", metric_options());
  return table;
}

}  // namespace

void check_metric_options(const std::map<std::string, double>& options, const std::string& where) {
  for (const auto& [key, value] : options) {
    check_number(where + " '" + key + "'", value, option_table().at(key).check);
  }
}

double metric_option(const EvaluationSettings& settings, const std::string& key) {
  const auto& option = option_table().at(key);
  const auto given = settings.options.find(key);
  return given == settings.options.end() ? option.standard : given->second;
}

void measure_family(const MetricFamily& family, const EvaluationInput& input,
                    const EvaluationSettings& settings, Measures& measures) {
  if (const auto why = family.missing(input)) {
    set_all_missing(measures, family.measures, *why);
  } else {
    family.compute(input, settings, measures);
  }
}

namespace {

bool any_family(const std::vector<std::string>& names, bool MetricFamily::*flag) {
  EvaluationSettings settings;
  settings.metrics = names;
  const auto chosen = chosen_families(settings);
  return std::any_of(chosen.begin(), chosen.end(),
                     [&](const MetricFamily* family) { return family->*flag; });
}

}  // namespace

bool features_needed(const std::vector<std::string>& names) {
  return any_family(names, &MetricFamily::needs_features);
}

bool images_read(const std::vector<std::string>& names) {
  return any_family(names, &MetricFamily::reads_images);
}

bool instances_read(const std::vector<std::string>& names) {
  return any_family(names, &MetricFamily::reads_instances);
}

Measures measure_samples(const EvaluationInput& input, const EvaluationSettings& settings,
                         const MeasureProgress& progress) {
  check_described(settings, "evaluation settings");
  check_metric_options(settings.options, "option");
  check_input(input);
  Measures measures;
  measures.protocol = input.protocol;
  add_counts(input, measures.protocol);
  const auto chosen = chosen_families(settings);
  const auto families = static_cast<int64_t>(chosen.size());
  const int64_t steps = families * (1 + settings.interval_draws);
  int64_t done = 0;
  for (const auto* family : chosen) {
    measure_family(*family, input, settings, measures);
    if (progress) progress(++done, steps);
  }
  if (settings.interval_draws > 0) {
    add_intervals(input, settings, measures, [&](int64_t draws) {
      if (progress) progress(families * (1 + draws), steps);
    });
  }
  return measures;
}

}  // namespace ganselect
