#include "selection/race/standings.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "selection/race/elimination.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

const CurveModel kModel{.look_variance = 0.01, .trial_variance = 0, .turning = {0.5, 0.5}};

LookLevels look(double step, std::vector<std::optional<double>> levels) {
  return {.step = step, .levels = std::move(levels)};
}

TEST_CASE("One look says what it shows, as surely as stored curves are steady", "[fast][race]") {
  const Standings one({look(100, {-3.0, -3.2})}, kModel, 100, 1);
  CHECK(one.level(0) == -3.0);
  CHECK_THAT(one.variance(1), WithinRel(0.01, 1e-12));
  // 0.2 apart at a standard error of sqrt(0.02), Student's t with 4 degrees of freedom:
  // 1 - scipy.stats.t.cdf(1.41421356, 4)
  CHECK_THAT(one.chance_ahead(1, 0), WithinAbs(0.11509982054025, 1e-9));
  CHECK_THAT(one.chance_ahead(0, 1) + one.chance_ahead(1, 0), WithinRel(1.0, 1e-12));
  // Before the horizon orders still turn: three doublings more, half a look's variance each.
  const Standings early({look(100, {-3.0, -3.2})}, kModel, 800, 1);
  CHECK(early.chance_ahead(1, 0) > one.chance_ahead(1, 0));
  CHECK(early.chance_ahead(1, 0) < 0.5);
  // Two seeds say more than one.
  const Standings seeds({look(100, {-3.0, -3.2})}, kModel, 100, 2);
  CHECK(seeds.chance_ahead(1, 0) < one.chance_ahead(1, 0));
}

TEST_CASE("What a look has in common falls out of every difference", "[fast][race]") {
  const std::vector<LookLevels> plain = {look(100, {-3.0, -3.2, -3.1}),
                                         look(200, {-2.9, -3.0, -3.1})};
  auto shifted = plain;
  for (auto& level : shifted[1].levels) *level += 5;
  const Standings a(plain, kModel, 400, 1), b(shifted, kModel, 400, 1);
  CHECK_THAT(a.chance_ahead(1, 0), WithinAbs(b.chance_ahead(1, 0), 1e-12));
  CHECK_THAT(a.chance_ahead(2, 0), WithinAbs(b.chance_ahead(2, 0), 1e-12));
}

TEST_CASE("More looks make the same difference surer", "[fast][race]") {
  std::vector<LookLevels> looks;
  double before = 1;
  for (int k = 1; k <= 4; ++k) {
    looks.push_back(look(100 + k, {-3.0, -3.15}));
    const Standings standings(looks, kModel, 104, 1);
    CHECK(standings.chance_ahead(1, 0) < before);
    before = standings.chance_ahead(1, 0);
  }
}

TEST_CASE("The scatter of own looks overrules that of stored curves", "[fast][race]") {
  std::vector<LookLevels> steady, wild;
  for (int k = 0; k < 10; ++k) {
    const double sign = k % 2 == 0 ? 1 : -1;
    steady.push_back(look(100 + k, {-3.0, -3.2, -3.3}));
    wild.push_back(look(100 + k, {-3.0 + sign, -3.2 - sign, -3.3}));
  }
  CHECK(Standings(steady, kModel, 110, 1).look_variance().variance < 0.005);
  CHECK(Standings(wild, kModel, 110, 1).look_variance().variance > 0.1);
  CHECK(Standings(wild, kModel, 110, 1).look_variance().degrees == 4 + 18);
}

TEST_CASE("A contender that is no longer looked at stays where it was, less surely",
          "[fast][race]") {
  const Standings standings({look(100, {-3.0, -3.2, -3.4}), look(200, {-2.5, -2.7, std::nullopt})},
                            kModel, 400, 1);
  CHECK_THAT(standings.level(0) - standings.level(2), WithinAbs(0.4, 1e-9));
  CHECK(standings.variance(2) > standings.variance(0));
  const Standings never({look(100, {-3.0, std::nullopt})}, kModel, 400, 1);
  CHECK(never.is_known(0));
  CHECK_FALSE(never.is_known(1));
}

TEST_CASE("Chances to be best sum to one and follow the levels", "[fast][race]") {
  const Standings standings({look(100, {-3.0, -3.1, -9.0})}, kModel, 100, 1);
  const auto chances = standings.chance_best({0, 1, 2}, 7);
  CHECK_THAT(chances[0] + chances[1] + chances[2], WithinRel(1.0, 1e-9));
  CHECK(chances[0] > chances[1]);
  // Of two, being best is being ahead of the other; 10,000 draws know it to 0.005.
  const auto two = standings.chance_best({0, 1}, 7);
  CHECK_THAT(two[0], WithinAbs(standings.chance_ahead(0, 1), 0.015));
}

TEST_CASE("Looks that do not fit each other are refused", "[fast][race]") {
  CHECK(test::thrown_by([] {
          Standings({look(100, {-3.0}), look(100, {-3.0})}, kModel, 100, 1);
        }).kind == ErrorKind::kFailed);
  CHECK(test::thrown_by([] {
          Standings({look(100, {-3.0}), look(200, {-3.0, -2.0})}, kModel, 200, 1);
        }).kind == ErrorKind::kFailed);
}

TEST_CASE("A clearly worse contender is out at the first look, ties go on", "[fast][race]") {
  const Standings standings({look(100, {-3.0, -3.05, -4.5})}, kModel, 200, 1);
  const auto out = eliminate(standings, {0, 1, 2}, std::nullopt);
  REQUIRE(out.size() == 1);
  CHECK(out[0].contender == 2);
  CHECK(out[0].reason == "worse");
  CHECK(*out[0].chance < 0.05);
}

TEST_CASE("A late starter is out only where stored curves say that orders no longer turn",
          "[fast][race]") {
  const std::vector<LookLevels> looks = {look(100, {-3.0, -3.6})};
  CHECK(eliminate(Standings(looks, kModel, 100, 1), {0, 1}, std::nullopt).size() == 1);
  const CurveModel turning{.look_variance = 0.01, .trial_variance = 0, .turning = {20}};
  CHECK(eliminate(Standings(looks, turning, 800, 1), {0, 1}, std::nullopt).empty());
}

TEST_CASE("At a rung's end the lowest are cut, and said not to be worse", "[fast][race]") {
  const Standings standings({look(100, {-3.02, -3.0, -3.05, std::nullopt, -6.0})}, kModel, 200, 1);
  const auto out = eliminate(standings, {0, 1, 2, 3, 4}, 2);
  REQUIRE(out.size() == 3);
  CHECK(out[0].contender == 4);
  CHECK(out[0].reason == "worse");
  CHECK(out[1].contender == 2);
  CHECK(out[1].reason == "cut");
  CHECK(out[2].contender == 3);
  CHECK_FALSE(out[2].chance);
  // The leader stays, however few places there are.
  CHECK(eliminate(standings, {1, 0}, 0).size() == 1);
  CHECK(leader_of(standings, {0, 1, 2, 3, 4}) == 1);
  CHECK(eliminate(standings, {}, 1).empty());
  for (const auto& one : out) CHECK(out_reasons().find(one.reason) != nullptr);
}

}  // namespace
}  // namespace ganselect
