#include "selection/race/levels.h"

#include <algorithm>
#include <cmath>

#include "selection/criteria/criteria.h"

namespace ganselect {

std::map<std::string, double> race_weights(const UseCase& use_case,
                                           std::span<const Record> records) {
  std::map<std::string, double> weights;
  double sum = 0;
  for (const auto& criterion : criteria()) {
    const double weight = use_case.weight(criterion.name);
    const bool measured = std::all_of(records.begin(), records.end(), [&](const Record& record) {
      return score_trial(criterion, record, {}).score.has_value();
    });
    if (weight <= 0 || !measured || records.empty()) continue;
    weights[criterion.name] = weight;
    sum += weight;
  }
  for (auto& [name, weight] : weights) weight /= sum;
  return weights;
}

std::optional<double> race_level(const Record& record,
                                 const std::map<std::string, double>& weights) {
  double sum = 0;
  for (const auto& [name, weight] : weights) {
    const auto value = score_trial(criteria().at(name), record, {});
    if (!value.score) return std::nullopt;
    sum += weight * *value.score;
  }
  if (sum <= 0) return std::nullopt;
  return std::log(sum);
}

}  // namespace ganselect
