// Textbook methods of multi-criteria decision on plain matrices, in float64: SPOTIS, TOPSIS, the
// weighted sum and the Pareto front. They know nothing of GANs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/named_table.h"

namespace ganselect {

/// A alternatives by C criteria.
struct DecisionProblem {
  std::vector<std::vector<double>> values;  ///< (A, C), finite
  std::vector<double> weights;              ///< (C), >= 0, summing to 1
  std::vector<bool> higher_is_better;       ///< (C)
  std::vector<double> low, high;            ///< (C) fixed reference range, low < high
};

/// Throws kFailed when the sizes do not agree, a number is not finite or a range is empty.
void check_problem(const DecisionProblem& problem);

/// 1 minus the weighted normalized distance to the ideal point of the reference range, (A); higher
/// is better. An alternative's score does not depend on the others: no rank reversal.
/// Dezert et al. 2020, "The SPOTIS rank reversal free method", equations 1 to 3.
std::vector<double> spotis(const DecisionProblem& problem);

/// Closeness to the ideal of the alternatives at hand, vector-normalized, (A) in [0, 1].
/// Hwang & Yoon 1981. Adding an alternative can reorder the others. A column of zeros counts
/// nothing; alternatives that are all equal score one half.
std::vector<double> topsis(const DecisionProblem& problem);

/// Weighted sum of the values scaled to the reference range and clipped to it, (A) in [0, 1].
std::vector<double> weighted_sum(const DecisionProblem& problem);

/// True for each alternative that no other equals or betters in every criterion of weight above 0
/// while bettering it in one, (A).
std::vector<bool> pareto_front(const DecisionProblem& problem);

struct DecisionMethod {
  std::string name;
  std::string meaning;
  std::vector<double> (*score)(const DecisionProblem&);
  bool fixed_ranges = true;  ///< a score does not depend on the other alternatives
};

/// spotis (the default), topsis, weighted-sum.
const NamedTable<DecisionMethod>& decision_methods();

}  // namespace ganselect
