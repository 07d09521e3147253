// What the families of measures ask of their inputs, worded once.
#pragma once

#include <optional>
#include <string>

#include "metrics/measure.h"

namespace ganselect {

// nullopt when real and fake features are there; else the reason beside null.
std::optional<std::string> missing_features(const EvaluationInput& input);
// As missing_features, but mean and covariance will do.
std::optional<std::string> missing_statistics(const EvaluationInput& input);
// missing_features with held-out features too.
std::optional<std::string> missing_heldout(const EvaluationInput& input);

// The reason where only class scores tell what samples show, and those are of another data set's
// classes.
std::optional<std::string> foreign_classes(const EvaluationInput& input);

// "needs at least 2 samples of each, got 1 real and 5 generated"
std::string too_few(int64_t needed, int64_t real, int64_t fake);

// The settings object of a measure in the protocol, made when it is not there.
Json& measure_protocol(Measures& measures, const std::string& measure);

void set_all_missing(Measures& measures, const std::vector<std::string>& names,
                     const std::string& why);

}  // namespace ganselect
