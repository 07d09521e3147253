#include "selection/race/state.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <sstream>

#include "base/text.h"
#include "selection/race/levels.h"
#include "selection/race/page.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinRel;
using test::contains;

// Three contenders, one of them out at the first look, one at the second.
RaceState short_race() {
  RaceState state;
  state.settings = {{"data", "folder:<photos>"}};
  state.understood = "quality 1.00";
  state.notes = {"400 samples of 3x32x32."};
  state.eyes = {{.detector = "judge",
                 .usable = true,
                 .reason = "",
                 .real = 1.5,
                 .real_sd = 0.1,
                 .noise = 90,
                 .sees = {"blur", "copies"},
                 .blind = {"noise"}},
                {.detector = "other",
                 .usable = false,
                 .reason = "it prefers noise",
                 .sees = {},
                 .blind = {}}};
  state.detector = "judge";
  state.contenders = {{"dcgan", "named"}, {"dcgan/hinge+pack2", "named"}, {"sngan", "named"}};
  state.samples = 100;
  state.ladder = ladder_of({100, 200}, 3, 1);
  state.horizon = 200;
  state.model = {.look_variance = 0.01, .trial_variance = 0.1, .turning = {0.5}};
  state.weights = {{"quality", 1.0}};
  const auto entry = [](std::size_t contender, double level) {
    return RaceEntry{contender, 0, "finished", level, std::exp(-level)};
  };
  state.looks = {{.step = 100,
                  .rung = 0,
                  .entries = {entry(0, -3), entry(1, -5), entry(2, -3.1)},
                  .leader = 0,
                  .out = {{1, "worse", 0.001}}},
                 {.step = 200,
                  .rung = 1,
                  .entries = {entry(0, -2.8), entry(2, -2.7)},
                  .leader = 2,
                  .out = {{0, "cut", 0.4}}}};
  state.outcome = RaceOutcome{.winner = 2,
                              .folder = "trials/sngan-s0",
                              .steps = 200,
                              .chance = 0.6,
                              .tied = {0},
                              .notes = {}};
  return state;
}

TEST_CASE("A race comes back from its JSON", "[fast][race]") {
  const auto state = short_race();
  const auto again = race_from_json(to_json(state), "race.json");
  CHECK(to_json(again) == to_json(state));
  CHECK(alive_in(again) == std::vector<std::size_t>{2});
  const RaceLook* look = nullptr;
  REQUIRE(elimination_of(again, 1, &look) != nullptr);
  CHECK(look->step == 100);
  CHECK(elimination_of(again, 2) == nullptr);
  for (const char* key : {"looks", "eyes", "ladder", "kind"}) {
    auto damaged = to_json(state);
    damaged.erase(key);
    CHECK(test::thrown_by([&] { race_from_json(damaged, "x/race.json"); }).kind ==
          ErrorKind::kData);
  }
}

TEST_CASE("Trials of points lie in folders of their own", "[fast][race]") {
  const auto state = short_race();
  CHECK(trial_folder(state, 1, 3) == "trials/dcgan_hinge_pack2-s3");
  CHECK(former_folder(state, 0, 0, 100) == "rungs/100/dcgan-s0");
}

TEST_CASE("A race is told in 80 columns", "[fast][race]") {
  const auto state = short_race();
  const auto end = outcome_text(state);
  CHECK(contains(end,
                 "sngan wins: 60 % that it ends as the best of 3. It cannot be told from dcgan."));
  CHECK(contains(end, "worse"));
  CHECK(contains(plan_text(state), "judge *"));
  CHECK(contains(plan_text(state), "not used: it prefers noise"));
  CHECK(look_text(state, state.looks[0]) ==
        "update 100 (rung 1 of 2): dcgan leads; out: dcgan/hinge+pack2 (worse, below 1 % to end "
        "ahead)");
  std::istringstream lines(end + plan_text(state));
  for (std::string line; std::getline(lines, line);) CHECK(printed_width(line) <= 80);
}

TEST_CASE("A race's page holds all of it and no markup of names", "[fast][race]") {
  const test::TempDir folder;
  const auto page = race_page(short_race(), folder.path());
  CHECK(contains(page, "sngan wins: 60 %"));
  CHECK(contains(page, "folder:&lt;photos&gt;"));
  CHECK_FALSE(contains(page, "<photos>"));
  CHECK(contains(page, "out at update 100: worse"));
  CHECK(contains(page, "<polyline"));
  CHECK(contains(page, "No sample grids are here."));
  CHECK(contains(page, "it prefers noise"));
}

TEST_CASE("A level is the logarithm of what was asked for", "[fast][race]") {
  const auto record = [](double fid, std::optional<double> coverage) {
    return parse_record(
        test::fake_record("dcgan", 0, {{"fid", fid}, {"coverage", coverage}, {"precision", 0.5}}),
        "fake");
  };
  UseCase use_case;
  use_case.weights = {{"quality", 0.5}, {"controllability", 0.5}};
  const std::vector<Record> records = {record(20, 0.5), record(60, 0.5)};
  // No trial says anything of control: quality alone counts.
  const auto weights = race_weights(use_case, records);
  REQUIRE(weights.size() == 1);
  CHECK(weights.at("quality") == 1.0);
  // judge-cifar10's half is 20: 1 / (1 + 1) and 1 / (1 + 3).
  CHECK_THAT(*race_level(records[0], weights) - *race_level(records[1], weights),
             WithinRel(std::log(2.0), 1e-9));
  CHECK_FALSE(race_level(record(20, 0.5), {{"controllability", 1.0}}));
  CHECK(race_weights(use_case, {}).empty());
}

TEST_CASE("A look's level is the mean over seeds, and nothing where nobody looked",
          "[fast][race]") {
  auto state = short_race();
  state.seeds = 2;
  state.looks.resize(1);
  state.looks[0].entries = {{0, 0, "finished", -3.0, 20.0},
                            {0, 1, "finished", -4.0, 54.0},
                            {2, 0, "finished", -5.0, 148.0},
                            {2, 1, "diverged", {}, {}}};
  const auto standings = standings_of(state);
  CHECK_THAT(standings.level(0), WithinRel(-3.5, 1e-12));
  CHECK_THAT(standings.level(2), WithinRel(-5.0, 1e-12));
  CHECK(standings.is_known(0));
  CHECK_FALSE(standings.is_known(1));
  // Who was never looked at has no updates.
  state.looks[0].out.clear();
  const auto text = outcome_text(state);
  std::istringstream row(text.substr(text.find("dcgan/hinge+pack2")));
  std::string name, why, updates;
  row >> name >> why >> updates;
  CHECK(name + why + updates == "dcgan/hinge+pack2-0");
}

}  // namespace
}  // namespace ganselect
