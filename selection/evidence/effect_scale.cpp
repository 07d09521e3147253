#include "selection/evidence/effect_scale.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {
namespace {

// A count among `whole` modes, which are the study's own.
bool counts_modes(const LiteratureMeasure& measure) {
  return measure.scale == MeasureScale::kShare && measure.whole == 0.0;
}

// The share that a value stands for, before it is held away from 0 and 1.
std::optional<double> share_of(const LiteratureMeasure& measure, double value,
                               std::optional<double> whole) {
  if (!whole || *whole <= 0.0 || !(value >= 0.0 && value <= *whole)) return std::nullopt;
  return counts_modes(measure) ? (value + 0.5) / (*whole + 1.0) : value / *whole;
}

double held(double share) { return std::clamp(share, kNearestShare, 1.0 - kNearestShare); }

}  // namespace

const LiteratureMeasure& poolable_measure(const std::string& name) {
  const auto* found = literature_measures().find(name);
  if (found != nullptr && found->scale != MeasureScale::kOther) return *found;
  std::vector<std::string> names;
  for (const auto& row : literature_measures()) {
    if (row.scale != MeasureScale::kOther) names.push_back(row.name);
  }
  const auto nearest = nearest_name(name, names);
  fail(ErrorKind::kUsage, {.where = "measure",
                           .expected = "one of " + join(names),
                           .got = "'" + name + "'",
                           .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
}

std::optional<Effect> effect_of(const LiteratureMeasure& measure, double value,
                                std::optional<double> whole) {
  if (measure.scale == MeasureScale::kLog) {
    if (!std::isfinite(value) || value <= 0.0) return std::nullopt;
    return Effect{std::log(value), false};
  }
  const auto share = share_of(measure, value, whole);
  if (!share) return std::nullopt;
  const double p = held(*share);
  return Effect{std::log(p / (1.0 - p)), p != *share};
}

std::optional<double> effect_variance(const LiteratureMeasure& measure, double value,
                                      double deviation, std::optional<double> whole) {
  if (!effect_of(measure, value, whole) || !std::isfinite(deviation) || deviation < 0.0)
    return std::nullopt;
  if (measure.scale == MeasureScale::kLog) return std::log1p(std::pow(deviation / value, 2));
  const double p = held(*share_of(measure, value, whole));
  const double unit = counts_modes(measure) ? *whole + 1.0 : *whole;
  return std::pow(deviation / unit / (p * (1.0 - p)), 2);
}

}  // namespace ganselect
