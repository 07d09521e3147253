#include "selection/race/ladder.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinRel;
using Steps = std::vector<std::int64_t>;

TEST_CASE("Rungs have looks and places by equal ratios", "[fast][race]") {
  const auto ladder = ladder_of({100, 200, 400}, 8, 4);
  REQUIRE(ladder.size() == 3);
  CHECK(ladder[0].looks == Steps{50, 75, 100});  // none in the first half of the first rung
  CHECK(ladder[1].looks == Steps{125, 150, 175, 200});
  CHECK(ladder[2].looks == Steps{250, 300, 350, 400});
  CHECK(ladder[0].keep == 4);
  CHECK(ladder[1].keep == 2);
  CHECK(ladder[2].keep == 1);
  CHECK(ladder_of({10}, 5, 1)[0].keep == 1);
  CHECK(ladder_of({10, 20}, 3, 1)[0].keep == 2);
  // More looks than updates: each update once.
  CHECK(ladder_of({2, 3}, 2, 4)[0].looks == Steps{1, 2});
  CHECK(ladder_of({2, 3}, 2, 4)[1].looks == Steps{3});
}

TEST_CASE("Rungs that do not rise are refused", "[fast][race]") {
  for (const auto& ends : {Steps{0}, Steps{100, 100}, Steps{200, 100}}) {
    const auto thrown = test::thrown_by([&] { ladder_of(ends, 4, 4); });
    CHECK(thrown.kind == ErrorKind::kUsage);
    CHECK(test::contains(thrown.message, "--rungs"));
  }
}

TEST_CASE("So many halvings leave one", "[fast][race]") {
  CHECK(halvings(2) == 1);
  CHECK(halvings(3) == 2);
  CHECK(halvings(8) == 3);
  CHECK(halvings(9) == 4);
  CHECK(halvings(1) == 1);
}

TEST_CASE("Foretold seconds are those of updates and looks on every lane", "[fast][race]") {
  const std::vector<ContenderCost> costs(4, {.seconds_per_update = 0.1, .seconds_per_look = 3});
  const auto ladder = ladder_of({100, 200}, 4, 2);  // looks at 50, 100; 150, 200
  // 4 x (10 + 6) + 2 x (10 + 6)
  CHECK_THAT(foretold_seconds(ladder, costs, {.jobs = 1}), WithinRel(96.0, 1e-12));
  CHECK_THAT(foretold_seconds(ladder, costs, {.jobs = 2}), WithinRel(48.0, 1e-12));
  CHECK_THAT(foretold_seconds(ladder, costs, {.jobs = 2, .seeds = 2}), WithinRel(96.0, 1e-12));
  // Three lanes need two rounds for four trials, and one for two.
  CHECK_THAT(foretold_seconds(ladder, costs, {.jobs = 3}), WithinRel(48.0, 1e-12));
}

TEST_CASE("A fitted ladder uses its time and no more", "[fast][race]") {
  const std::vector<ContenderCost> costs(8, {.seconds_per_update = 0.05, .seconds_per_look = 0.5});
  const BudgetSettings settings;
  for (const double seconds : {100.0, 600.0, 7200.0}) {
    const auto ladder = fitted_ladder(seconds, costs, {.jobs = 2}, 3, settings);
    REQUIRE(ladder);
    const double foretold = foretold_seconds(*ladder, costs, {.jobs = 2});
    CHECK(foretold <= seconds);
    CHECK(foretold > 0.95 * seconds);
    CHECK(ladder->at(1).end() >= 2 * ladder->at(0).end() - 1);
  }
  CHECK_FALSE(fitted_ladder(5, costs, {.jobs = 2}, 3, settings));
  // Dear evaluations: fewer of them.
  const std::vector<ContenderCost> dear(8, {.seconds_per_update = 0.05, .seconds_per_look = 10});
  const auto few = fitted_ladder(600, dear, {.jobs = 2}, 3, settings);
  REQUIRE(few);
  CHECK(few->at(2).looks.size() < 4);
}

TEST_CASE("A ladder under way goes on from where it is", "[fast][race]") {
  const std::vector<ContenderCost> costs(4, {.seconds_per_update = 0.05, .seconds_per_look = 0.5});
  const auto ladder = fitted_ladder(120, costs, {.jobs = 1}, 2, {}, 500);
  REQUIRE(ladder);
  CHECK(ladder->front().looks.front() > 500);
  CHECK(ladder->back().end() <= 500 * 16);
  const double foretold = foretold_seconds(*ladder, costs, {.jobs = 1}, 500);
  CHECK(foretold <= 120);
  CHECK(foretold > 110);
}

TEST_CASE("A small budget has fewer contenders, and too small a one none", "[fast][race]") {
  const std::vector<ContenderCost> costs(8, {.seconds_per_update = 0.1, .seconds_per_look = 1});
  const RaceLanes lanes{.jobs = 2};
  const auto many = fitted_size(600, costs, lanes, {});
  REQUIRE(many);
  CHECK(many->contenders == 8);
  const auto few = fitted_size(25, costs, lanes, {});
  REQUIRE(few);
  CHECK(few->contenders >= 2);
  CHECK(few->contenders < 8);
  const double least = least_seconds(costs, lanes, {});
  CHECK_FALSE(fitted_size(0.98 * least, costs, lanes, {}));
  CHECK(fitted_size(1.02 * least, costs, lanes, {}));
}

TEST_CASE("A ladder comes back from its JSON", "[fast][race]") {
  const auto ladder = ladder_of({100, 200, 400}, 8, 4);
  const auto again = ladder_from_json(to_json(ladder));
  REQUIRE(again.size() == 3);
  CHECK(again[1].looks == ladder[1].looks);
  CHECK(again[1].keep == ladder[1].keep);
}

}  // namespace
}  // namespace ganselect
