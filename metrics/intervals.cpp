#include "metrics/intervals.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/seeds.h"
#include "base/torch/generators.h"

namespace ganselect {
namespace {

constexpr int64_t kFewestDraws = 20;  // below, the ends of an interval are the draws themselves

torch::Tensor half_of(int64_t n, torch::Generator random) {
  return std::get<0>(torch::randperm(n, random, torch::kInt64).slice(0, 0, n / 2).sort());
}

torch::Tensor rows_of(const torch::Tensor& all, const torch::Tensor& rows) {
  return all.defined() ? all.index_select(0, rows.to(all.device())) : all;
}

Detections half_of(const Detections& all, const torch::Tensor& rows) {
  return {.features = rows_of(all.features, rows),
          .logits = rows_of(all.logits, rows),
          .scores_are_probabilities = all.scores_are_probabilities,
          .foreign_classes = all.foreign_classes};
}

// The input with half of each set's rows; what has no rows of samples (statistics, bin counts, the
// generator) is left out, so that measures of it are missing.
EvaluationInput half_input(const EvaluationInput& input, torch::Generator random) {
  EvaluationInput half;
  half.classes = input.classes;
  half.asked_law = input.asked_law;
  half.class_names = input.class_names;
  half.mode_centres = input.mode_centres;
  half.mode_sd = input.mode_sd;
  const auto size = [](const Detections& set, const torch::Tensor& labels) {
    return set.size() > 0 || !labels.defined() ? set.size() : labels.size(0);
  };
  if (const auto n = size(input.real, input.real_labels); n > 1) {
    const auto rows = half_of(n, random);
    half.real = half_of(input.real, rows);
    half.real_labels = rows_of(input.real_labels, rows);
  }
  if (const auto n = size(input.fake, input.fake_labels); n > 1) {
    const auto rows = half_of(n, random);
    half.fake = half_of(input.fake, rows);
    half.fake_labels = rows_of(input.fake_labels, rows);
    half.fake_points = rows_of(input.fake_points, rows);
    half.asked_labels = rows_of(input.asked_labels, rows);
  }
  if (const auto n = input.heldout.size(); n > 1)
    half.heldout = half_of(input.heldout, half_of(n, random));
  return half;
}

// The value below which a share `p` of the sorted ones lies, between neighbours by position.
double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(at));
  const auto high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

MeasureInterval about(double value, std::vector<double> draws, double level) {
  std::sort(draws.begin(), draws.end());
  double mean = 0;
  for (const double draw : draws) mean += draw / static_cast<double>(draws.size());
  const double tail = (1 - level) / 2;
  return {.low = value + quantile(draws, tail) - mean,
          .high = value + quantile(draws, 1 - tail) - mean};
}

// Cuts an interval to what the measure can be.
MeasureInterval within_range(MeasureInterval interval, const std::string& name) {
  const auto* spec = find_metric_spec(name);
  if (spec == nullptr) return interval;
  const auto bounds = bounds_of(*spec);
  if (bounds.low) interval.low = std::max(interval.low, *bounds.low);
  if (bounds.high) interval.high = std::min(interval.high, *bounds.high);
  return interval;
}

}  // namespace

void add_intervals(const EvaluationInput& input, const EvaluationSettings& settings,
                   Measures& measures, const std::function<void(int64_t draws)>& progress) {
  if (settings.interval_draws < kFewestDraws) {
    fail(ErrorKind::kUsage, {.where = "intervals",
                             .expected = "at least " + std::to_string(kFewestDraws) + " draws",
                             .got = std::to_string(settings.interval_draws)});
  }
  auto random = make_stream(settings.seed, "intervals");
  std::map<std::string, std::vector<double>> draws;
  for (int64_t draw = 0; draw < settings.interval_draws; ++draw) {
    const auto half = half_input(input, random);
    Measures measured;
    measured.protocol["measures"] = Json::object();
    for (const auto* family : chosen_families(settings))
      measure_family(*family, half, settings, measured);
    for (const auto& [name, value] : measured.values) {
      if (value) draws[name].push_back(*value);
    }
    if (progress) progress(draw + 1);
  }
  for (const auto& [name, values] : draws) {
    const auto value = measures.value(name);
    // A measure that some halves cannot give has no interval: the rest would be a choice among
    // them.
    if (value && static_cast<int64_t>(values.size()) == settings.interval_draws)
      measures.intervals[name] = within_range(about(*value, values, settings.interval_level), name);
  }
  measures.protocol["intervals"] = {{"method", "half-sample bootstrap"},
                                    {"draws", settings.interval_draws},
                                    {"level", settings.interval_level},
                                    {"seed", settings.seed}};
}

}  // namespace ganselect
