#include "selection/ranking/decision.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/error.h"
#include "base/json.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

DecisionProblem random_problem(std::mt19937_64& random, std::size_t alternatives,
                               std::size_t criteria) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  DecisionProblem problem;
  double sum = 0.0;
  for (std::size_t j = 0; j < criteria; ++j) {
    problem.weights.push_back(0.05 + uniform(random));
    sum += problem.weights.back();
    problem.higher_is_better.push_back(random() % 2 == 0);
    problem.low.push_back(-uniform(random));
    problem.high.push_back(1.0 + uniform(random));
  }
  for (double& weight : problem.weights) weight /= sum;
  for (std::size_t i = 0; i < alternatives; ++i) {
    std::vector<double> row;
    for (std::size_t j = 0; j < criteria; ++j) row.push_back(uniform(random));
    problem.values.push_back(row);
  }
  return problem;
}

// Worked by hand: car A (speed 3, price 10), car B (speed 1, price 4); ranges speed 0-4, price
// 0-20.
DecisionProblem two_cars() {
  return {{{3, 10}, {1, 4}}, {0.75, 0.25}, {true, false}, {0, 0}, {4, 20}};
}

TEST_CASE("SPOTIS and the weighted sum give the distances worked by hand", "[fast][decision]") {
  const auto scores = spotis(two_cars());
  CHECK_THAT(scores[0], WithinAbs(1.0 - (0.75 * 0.25 + 0.25 * 0.5), 1e-15));
  CHECK_THAT(scores[1], WithinAbs(1.0 - (0.75 * 0.75 + 0.25 * 0.2), 1e-15));
  const auto sums = weighted_sum(two_cars());
  CHECK_THAT(sums[0], WithinAbs(scores[0], 1e-15));
  CHECK_THAT(sums[1], WithinAbs(scores[1], 1e-15));
}

TEST_CASE("TOPSIS gives the closeness worked by hand", "[fast][decision]") {
  // Norms sqrt(10) and sqrt(116); each car is ideal in one column, so closeness is d-/(d+ + d-).
  const double speed = 0.75 * 2.0 / std::sqrt(10.0);
  const double price = 0.25 * 6.0 / std::sqrt(116.0);
  const auto scores = topsis(two_cars());
  CHECK_THAT(scores[0], WithinAbs(speed / (speed + price), 1e-12));
  CHECK_THAT(scores[1], WithinAbs(price / (speed + price), 1e-12));
  DecisionProblem same = two_cars();
  same.values = {{2, 5}, {2, 5}};
  CHECK(topsis(same) == std::vector<double>{0.5, 0.5});
}

void check_cases(const Json& cases) {
  for (const auto& one : cases) {
    DecisionProblem problem;
    problem.values = one["values"].get<std::vector<std::vector<double>>>();
    problem.weights = one["weights"].get<std::vector<double>>();
    for (const int type : one["types"].get<std::vector<int>>()) {
      problem.higher_is_better.push_back(type > 0);
    }
    problem.low = one["low"].get<std::vector<double>>();
    problem.high = one["high"].get<std::vector<double>>();
    const auto by_spotis = spotis(problem);
    const auto by_topsis = topsis(problem);
    for (std::size_t i = 0; i < by_spotis.size(); ++i) {
      // Both compute in float64; a few roundings differ.
      CHECK_THAT(by_spotis[i], WithinAbs(one["spotis"][i].get<double>(), 1e-12));
      CHECK_THAT(by_topsis[i], WithinAbs(one["topsis"][i].get<double>(), 1e-12));
    }
    CHECK(pareto_front(problem) == one["front"].get<std::vector<bool>>());
  }
}

TEST_CASE("SPOTIS, TOPSIS and the Pareto front agree with pymcdm", "[fast][decision]") {
  const auto file = std::filesystem::path(GANSELECT_TEST_DIR) / "golden/decision.json";
  const Json golden = read_json_file(file);
  REQUIRE(golden["cases"].size() >= 40);
  check_cases(golden["cases"]);
}

TEST_CASE("Decisions agree with fresh cases of scripts/compare-decisions", "[fast][decision]") {
  const char* file = std::getenv("GANSELECT_DECISION_CASES");
  if (file == nullptr) SKIP("GANSELECT_DECISION_CASES is unset: scripts/compare-decisions sets it");
  const Json fresh = read_json_file(file);
  REQUIRE(fresh["cases"].size() >= 1000);
  check_cases(fresh["cases"]);
}

TEST_CASE("A dominated alternative is never first, by any method", "[fast][decision]") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    const auto problem = random_problem(random, 2 + random() % 8, 1 + random() % 5);
    const auto front = pareto_front(problem);
    CHECK(std::count(front.begin(), front.end(), true) > 0);
    for (const auto& method : decision_methods()) {
      CAPTURE(round, method.name);
      const auto scores = method.score(problem);
      const auto first = std::max_element(scores.begin(), scores.end()) - scores.begin();
      CHECK(front[static_cast<std::size_t>(first)]);
    }
  }
}

TEST_CASE("Removing an alternative leaves the others' SPOTIS scores as they are",
          "[fast][decision]") {
  std::mt19937_64 random(2);
  for (int round = 0; round < 1000; ++round) {
    auto problem = random_problem(random, 6, 4);
    auto before = spotis(problem);
    const auto gone = static_cast<std::ptrdiff_t>(random() % 6);
    problem.values.erase(problem.values.begin() + gone);
    before.erase(before.begin() + gone);
    CHECK(spotis(problem) == before);
  }
}

TEST_CASE("A constant column changes no order", "[fast][decision]") {
  std::mt19937_64 random(3);
  const auto order_of = [](const std::vector<double>& scores) {
    std::vector<std::size_t> order(scores.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
    return order;
  };
  for (int round = 0; round < 300; ++round) {
    const auto problem = random_problem(random, 5, 3);
    auto wider = problem;
    const double constant = round % 3 == 0 ? 0.0 : 0.7;
    for (auto& row : wider.values) row.push_back(constant);
    for (double& weight : wider.weights) weight *= 0.5;
    wider.weights.push_back(0.5);
    wider.higher_is_better.push_back(true);
    wider.low.push_back(0.0);
    wider.high.push_back(1.0);
    for (const auto& method : decision_methods()) {
      CAPTURE(round, method.name);
      CHECK(order_of(method.score(wider)) == order_of(method.score(problem)));
    }
  }
}

TEST_CASE("Malformed problems are refused", "[fast][decision]") {
  auto problem = two_cars();
  problem.values[0][1] = std::nan("");
  CHECK_THROWS_AS(spotis(problem), Error);
  problem = two_cars();
  problem.high[0] = problem.low[0];
  CHECK_THROWS_AS(topsis(problem), Error);
  problem = two_cars();
  problem.values[1].pop_back();
  CHECK_THROWS_AS(pareto_front(problem), Error);
}

TEST_CASE("A criterion without weight keeps nothing on the front", "[fast][decision]") {
  // The second car is worse where it counts, and better only where nothing does.
  const DecisionProblem problem{{{3, 10}, {1, 4}}, {1.0, 0.0}, {true, false}, {0, 0}, {4, 20}};
  CHECK(pareto_front(problem) == std::vector<bool>{true, false});
  CHECK(pareto_front(two_cars()) == std::vector<bool>{true, true});
}

}  // namespace
}  // namespace ganselect
