#include "selection/ranking/decision.h"

#include <algorithm>
#include <cmath>

namespace ganselect {
namespace {

void require_decision(bool held, const char* expected) {
  if (!held)
    fail(ErrorKind::kFailed, {.where = "decision", .expected = expected, .got = "something else"});
}

// At least as good in every weighted criterion and better in one.
bool dominates(const DecisionProblem& problem, const std::vector<double>& a,
               const std::vector<double>& b) {
  bool better = false;
  for (std::size_t j = 0; j < a.size(); ++j) {
    if (problem.weights[j] <= 0.0) continue;
    const double lead = problem.higher_is_better[j] ? a[j] - b[j] : b[j] - a[j];
    if (lead < 0.0) return false;
    better = better || lead > 0.0;
  }
  return better;
}

}  // namespace

void check_problem(const DecisionProblem& problem) {
  const std::size_t criteria = problem.weights.size();
  require_decision(problem.higher_is_better.size() == criteria && problem.low.size() == criteria &&
                       problem.high.size() == criteria,
                   "one direction and range for each weight");
  for (std::size_t j = 0; j < criteria; ++j) {
    require_decision(std::isfinite(problem.weights[j]) && problem.weights[j] >= 0.0,
                     "weights of 0 or more");
    require_decision(problem.low[j] < problem.high[j], "reference ranges with low below high");
  }
  for (const auto& row : problem.values) {
    require_decision(row.size() == criteria, "a value for each criterion");
    for (const double x : row) require_decision(std::isfinite(x), "finite values");
  }
}

std::vector<double> spotis(const DecisionProblem& problem) {
  check_problem(problem);
  std::vector<double> scores;
  for (const auto& row : problem.values) {
    double distance = 0.0;
    for (std::size_t j = 0; j < row.size(); ++j) {
      const double ideal = problem.higher_is_better[j] ? problem.high[j] : problem.low[j];
      distance +=
          problem.weights[j] * std::abs(row[j] - ideal) / (problem.high[j] - problem.low[j]);
    }
    scores.push_back(1.0 - distance);
  }
  return scores;
}

std::vector<double> topsis(const DecisionProblem& problem) {
  check_problem(problem);
  const std::size_t criteria = problem.weights.size();
  std::vector<double> norm(criteria, 0.0);
  for (const auto& row : problem.values) {
    for (std::size_t j = 0; j < criteria; ++j) norm[j] = std::hypot(norm[j], row[j]);
  }
  std::vector<double> best(criteria), worst(criteria);
  std::vector<std::vector<double>> scaled_values;
  for (const auto& row : problem.values) {
    std::vector<double> line(criteria, 0.0);
    for (std::size_t j = 0; j < criteria; ++j) {
      if (norm[j] > 0.0) line[j] = problem.weights[j] * row[j] / norm[j];
    }
    scaled_values.push_back(std::move(line));
  }
  for (std::size_t j = 0; j < criteria; ++j) {
    for (std::size_t i = 0; i < scaled_values.size(); ++i) {
      const double x = scaled_values[i][j];
      const bool higher = problem.higher_is_better[j];
      if (i == 0 || (higher ? x > best[j] : x < best[j])) best[j] = x;
      if (i == 0 || (higher ? x < worst[j] : x > worst[j])) worst[j] = x;
    }
  }
  std::vector<double> scores;
  for (const auto& line : scaled_values) {
    double to_best = 0.0, to_worst = 0.0;
    for (std::size_t j = 0; j < criteria; ++j) {
      to_best = std::hypot(to_best, line[j] - best[j]);
      to_worst = std::hypot(to_worst, line[j] - worst[j]);
    }
    scores.push_back(to_best + to_worst > 0.0 ? to_worst / (to_best + to_worst) : 0.5);
  }
  return scores;
}

std::vector<double> weighted_sum(const DecisionProblem& problem) {
  check_problem(problem);
  std::vector<double> scores;
  for (const auto& row : problem.values) {
    double sum = 0.0;
    for (std::size_t j = 0; j < row.size(); ++j) {
      const double share =
          std::clamp((row[j] - problem.low[j]) / (problem.high[j] - problem.low[j]), 0.0, 1.0);
      sum += problem.weights[j] * (problem.higher_is_better[j] ? share : 1.0 - share);
    }
    scores.push_back(sum);
  }
  return scores;
}

std::vector<bool> pareto_front(const DecisionProblem& problem) {
  check_problem(problem);
  std::vector<bool> front;
  for (const auto& row : problem.values) {
    front.push_back(
        std::none_of(problem.values.begin(), problem.values.end(),
                     [&](const auto& other) { return dominates(problem, other, row); }));
  }
  return front;
}

const NamedTable<DecisionMethod>& decision_methods() {
  static const NamedTable<DecisionMethod> table(
      "ranking method",
      {{"spotis", "distance to the ideal of fixed ranges; candidates do not affect each other",
        spotis},
       {"topsis", "closeness to the best values at hand; candidates affect each other", topsis,
        false},
       {"weighted-sum", "weighted mean of the criteria", weighted_sum}});
  return table;
}

}  // namespace ganselect
