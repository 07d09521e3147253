// A trial's standing on what was asked for, as one number that races compare.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "results/records/record.h"
#include "selection/query/use_case.h"

namespace ganselect {

/// Weights of the criteria that every one of `records` has a score of, summing to 1; constraints
/// are met or not at the end, not on the way. Empty where there is none.
std::map<std::string, double> race_weights(const UseCase& use_case,
                                           std::span<const Record> records);

/// ln of the weighted sum of the trial's criteria (criteria.h): equal ratios are equal distances,
/// as the noise of evaluations is. Nothing where a criterion has no score, or the sum is 0.
std::optional<double> race_level(const Record& record,
                                 const std::map<std::string, double>& weights);

}  // namespace ganselect
