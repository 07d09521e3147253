#include "selection/advice/next_trials.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "selection/ranking/sensitivity.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using test::add_trials;

const UseCase kVaried{{{"diversity", 1.0}}, {}};

struct Asked {
  std::vector<Record> records;
  Evidence evidence;
  Ranking ranking;
};

Asked rank_by_diversity(std::vector<Record> records) {
  Asked asked{std::move(records), {}, {}};
  asked.evidence = gather_evidence(asked.records, {});
  asked.ranking = rank_candidates(asked.evidence, kVaried, {.draws = 400});
  return asked;
}

TEST_CASE("The expected loss is the mean of what a normal gap falls below zero", "[fast][next]") {
  DrawStream stream(3);
  constexpr int kDraws = 200000;
  for (const auto& [gap, error] :
       {std::pair(0.02, 0.05), std::pair(-0.01, 0.02), std::pair(0.0, 0.1)}) {
    double sum = 0.0;
    for (int i = 0; i < kDraws; ++i) sum += std::max(0.0, -(gap + error * stream.normal()));
    // Four standard errors; the loss varies by less than the error does.
    CHECK_THAT(expected_loss(gap, error), WithinAbs(sum / kDraws, 4.0 * error / std::sqrt(kDraws)));
  }
  CHECK(expected_loss(0.1, 0.0) == 0.0);
  CHECK(expected_loss(-0.1, 0.0) == 0.1);
}

TEST_CASE("One seed each asks for three of the candidates at the top", "[fast][next]") {
  DrawStream stream(4);
  std::vector<Record> records;
  double d = 0.9;
  for (const char* name :
       {"dcgan", "lsgan", "wgan", "sngan", "rsgan", "wgan-gp", "fcgan", "fgan-kl"})
    add_trials(records, name, 1, 0.5, d -= 0.05, 0.0, stream);
  const auto asked = rank_by_diversity(std::move(records));
  const auto next = next_trials(asked.ranking);
  REQUIRE(next);
  CHECK(next->trials == 12);
  CHECK(next->plan["points"].size() == 6);
  CHECK(next->plan["seeds"] == Json::array({1, 2}));
  CHECK_FALSE(next->plan.contains("arms"));
  CHECK_FALSE(next->loss_now.has_value());
  CHECK_THAT(*next->estimated_seconds, WithinAbs(12 * 20.0, 1e-9));
  CHECK(next->plan["train"]["steps"] == 200);
  CHECK(next->plan["evaluation"]["num_samples"] == 10000);
}

TEST_CASE("The trials chosen lower the loss most for their time", "[fast][next]") {
  // Alike in the mean; the second varies much more, so its seeds tell more.
  DrawStream stream(5);
  std::vector<Record> records;
  add_trials(records, "dcgan", 4, 0.5, 0.50, 0.005, stream);
  add_trials(records, "lsgan", 4, 0.5, 0.50, 0.08, stream);
  const auto wide = rank_by_diversity(records);
  const auto next = next_trials(wide.ranking);
  REQUIRE(next);
  REQUIRE(next->loss_then);
  CHECK(*next->loss_then < *next->loss_now);
  const auto of = [](const NextTrials& n, const char* name) {
    const auto found = n.by_candidate.find(name);
    return found == n.by_candidate.end() ? std::size_t{0} : found->second;
  };
  CHECK(of(*next, "lsgan") > 3 * of(*next, "dcgan"));
  // A hundred times as slow, the noisy one is worth less.
  for (auto& record : records) {
    if (record.candidate.name == "lsgan") record.measures.set("updates_per_second", 0.1);
  }
  const auto slow = rank_by_diversity(records);
  const auto other = next_trials(slow.ranking);
  REQUIRE(other);
  CHECK(of(*other, "lsgan") < of(*next, "lsgan"));
  CHECK(*other->estimated_seconds >= 2000.0 * static_cast<double>(of(*other, "lsgan")));
}

TEST_CASE("New seeds are free ones, and each candidate keeps its own settings", "[fast][next]") {
  std::vector<Record> records;
  for (const std::uint64_t seed : {0, 2, 5}) {
    records.push_back(
        test::healthy_record("dcgan", seed, 0.5, 0.5 + 0.01 * static_cast<double>(seed)));
    test::FakeTrial trial;
    trial.candidate = "lsgan";
    trial.seed = seed;
    trial.settings = {{"lr_g", 1e-5}, {"evaluation", {{"num_samples", 777}}}};
    trial.measures = test::healthy_measures(0.5, 0.54 - 0.01 * static_cast<double>(seed));
    records.push_back(test::make_record(trial));
  }
  const auto asked = rank_by_diversity(std::move(records));
  const auto next = next_trials(asked.ranking);
  REQUIRE(next);
  REQUIRE(next->plan.contains("arms"));
  for (const auto& arm : next->plan["arms"]) {
    CHECK(arm["seeds"][0] == 1);
    for (const auto& seed : arm["seeds"]) CHECK((seed != 0 && seed != 2 && seed != 5));
  }
  const auto& lead = asked.ranking.ranked.front().evidence->name;
  const auto& rival_arm =
      next->plan["arms"][0]["points"][0] == lead ? next->plan["arms"][1] : next->plan["arms"][0];
  CHECK(rival_arm["train"]["lr_g"] == (lead == "dcgan" ? Json(1e-5) : Json()));
}

TEST_CASE("A decided answer asks for nothing", "[fast][next]") {
  DrawStream stream(6);
  std::vector<Record> records;
  add_trials(records, "dcgan", 5, 0.5, 0.9, 0.002, stream);
  add_trials(records, "lsgan", 5, 0.5, 0.2, 0.002, stream);
  CHECK_FALSE(next_trials(rank_by_diversity(std::move(records)).ranking));
}

TEST_CASE("The remaining space becomes a plan like the trials at hand", "[fast][next]") {
  DrawStream stream(7);
  std::vector<Record> records;
  add_trials(records, "dcgan", 2, 0.5, 0.5, 0.01, stream);
  test::FakeTrial own;
  own.candidate = "lsgan";
  own.settings = {{"lr_g", 1e-5}};
  own.measures = test::healthy_measures(0.5, 0.5);
  records.push_back(test::make_record(own));
  const auto asked = rank_by_diversity(std::move(records));
  const RemainingSpace space{10, {"dcgan/hinge", "fc/hinge"}, 3, 5};
  const Json plan = space_plan(asked.evidence, space);
  CHECK(plan["points"] == Json(space.remaining));
  CHECK(plan["seeds"] == Json::array({0}));
  CHECK(plan["dataset"] == "cifar10");
  CHECK(plan["train"]["width"] == 0.25);
  CHECK_FALSE(plan["train"].contains("lr_g"));
  CHECK_THAT(plan["title"].get<std::string>(), ContainsSubstring("2 of 10"));
  CHECK(space_plan(asked.evidence, RemainingSpace{10, {}, 10, 0}).empty());
}

}  // namespace
}  // namespace ganselect
