// The scale g on which contrasts of a measure are pooled: log where only ratios compare between
// protocols, logit for shares.
#pragma once

#include <optional>
#include <string>

#include "results/literature/study.h"

namespace ganselect {

// A measure whose contrasts can be pooled. kUsage for an unknown name and for what describes a
// curve or a spread, with the names that can be.
const LiteratureMeasure& poolable_measure(const std::string& name);

// A value on the scale g, and whether it had to be moved away from the scale's end.
struct Effect {
  double y = 0.0;
  bool held = false;
};

// log(value); logit(value / whole); for a count of modes logit((value + 1/2) / (whole + 1)). A
// share nearer to 0 or 1 than kNearestShare counts as that near. Nothing where the value has no
// logarithm, lies outside 0 to `whole`, or a needed `whole` (measure_whole of study.h) is absent.
std::optional<Effect> effect_of(const LiteratureMeasure& measure, double value,
                                std::optional<double> whole = {});
inline constexpr double kNearestShare = 0.001;

// Variance on the scale g of one training whose values spread by `deviation` around `value`: on the
// log scale log(1 + (deviation / value)^2), that of a lognormal law; on the logit scale by the
// slope at `value` (delta method). Nothing where effect_of has nothing, or for a deviation that is
// no number of at least 0.
std::optional<double> effect_variance(const LiteratureMeasure& measure, double value,
                                      double deviation, std::optional<double> whole = {});

}  // namespace ganselect
