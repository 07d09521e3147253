#include "selection/race/replay.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"

namespace ganselect {
namespace {

// Candidates so far apart at the end, all alike in form.
CurveFit ladder_of_candidates(std::size_t count, double apart, double look_sd) {
  CurveFit fit{.horizon = 800,
               .first_share = 0.1,
               .look_variance = look_sd * look_sd,
               .trial_variance = 0,
               .trials = 2 * count};
  for (std::size_t i = 0; i < count; ++i) {
    fit.curves.push_back({.candidate = std::to_string(i),
                          .trials = 2,
                          .coefficients = {-3 - apart * static_cast<double>(i), 0.5, 0}});
  }
  return fit;
}

TEST_CASE("Races without noise find the best, and chance finds it as often as it must",
          "[fast][race]") {
  const auto replay = replay_races(ladder_of_candidates(16, 0.2, 1e-3), {.races = 400});
  REQUIRE(replay.drawn.size() == 4);
  CHECK(replay.drawn[0].way == "race");
  CHECK(replay.drawn[0].within == 1);
  CHECK(replay.drawn[0].regret == 0);
  CHECK(replay.drawn[1].within == 1);
  // One of eight; a share of 400 has a standard error of 0.017.
  CHECK(replay.drawn[3].way == "random");
  CHECK(replay.drawn[3].within > 0.06);
  CHECK(replay.drawn[3].within < 0.20);
  // Without noise everyone else is out at once: the first looks alone were shared.
  CHECK(replay.drawn[0].updates < replay.drawn[1].updates);
  CHECK(replay.drawn[0].tie == 1);
}

TEST_CASE("Noise costs regret, and several looks win part of it back", "[fast][race]") {
  const auto fit = ladder_of_candidates(16, 0.03, 0.1);
  const auto one = replay_races(fit, {.races = 400, .looks = 1}).drawn[0];
  const auto many = replay_races(fit, {.races = 400, .looks = 8}).drawn[0];
  CHECK(one.regret > 0);
  CHECK(many.regret < one.regret);
  CHECK(many.tie > 1);
}

TEST_CASE("The same seed gives the same replay, another one another", "[fast][race]") {
  const auto fit = ladder_of_candidates(10, 0.05, 0.1);
  const auto text = [&](std::uint64_t seed) {
    return replay_text(replay_races(fit, {.races = 50, .seed = seed}));
  };
  CHECK(text(1) == text(1));
  CHECK(text(1) != text(2));
}

TEST_CASE("More contenders than curves are refused", "[fast][race]") {
  const auto thrown =
      test::thrown_by([] { replay_races(ladder_of_candidates(4, 0.1, 0.1), {.contenders = 5}); });
  CHECK(thrown.kind == ErrorKind::kUsage);
  CHECK(test::contains(thrown.message, "at most 4 contenders"));
}

}  // namespace
}  // namespace ganselect
