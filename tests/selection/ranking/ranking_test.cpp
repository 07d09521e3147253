#include "selection/ranking/ranking.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <random>

#include "base/error.h"
#include "selection/evidence/constraints.h"
#include "selection/ranking/sensitivity.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using test::add_trials;
using test::FakeTrial;
using test::healthy_measures;
using test::healthy_record;
using test::make_record;

UseCase wishes(std::map<std::string, double> weights, std::vector<Constraint> constraints = {}) {
  return {std::move(weights), std::move(constraints)};
}

std::vector<std::string> order_of(const Ranking& ranking) {
  std::vector<std::string> names;
  for (const auto& ranked : ranking.ranked) names.push_back(ranked.evidence->name);
  return names;
}

const RankedCandidate& ranked_named(const Ranking& ranking, const std::string& name) {
  for (const auto& ranked : ranking.ranked) {
    if (ranked.evidence->name == name) return ranked;
  }
  FAIL("not ranked: " << name);
  return ranking.ranked.front();
}

bool any_contains(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const auto& line) { return line.find(part) != std::string::npos; });
}

const UseCase kDiversity = wishes({{"diversity", 1.0}});

TEST_CASE("The better candidate is first, with its evidence", "[fast][ranking]") {
  DrawStream stream(1);
  std::vector<Record> records;
  add_trials(records, "lsgan", 4, 0.5, 0.8, 0.01, stream);
  add_trials(records, "dcgan", 4, 0.7, 0.4, 0.01, stream);
  add_trials(records, "wgan", 4, 0.2, 0.2, 0.01, stream);
  const auto evidence = gather_evidence(records, {});
  const auto by_diversity = rank_candidates(evidence, kDiversity, {});
  CHECK(order_of(by_diversity) == std::vector<std::string>{"lsgan", "dcgan", "wgan"});
  const auto by_quality = rank_candidates(evidence, wishes({{"quality", 1.0}}), {});
  CHECK(order_of(by_quality) == std::vector<std::string>{"dcgan", "lsgan", "wgan"});
  const auto& first = by_diversity.ranked[0];
  CHECK(first.rank == 1);
  CHECK(first.evidence->trial_ids().size() == 4);
  CHECK(*first.p_best > 0.99);
  CHECK(*first.expected_regret < 1e-3);
  CHECK(first.rank_interval->low == 1.0);
  CHECK(first.rank_interval->high == 1.0);
  CHECK(first.tied_with.empty());
  CHECK_THAT(first.confidence, WithinAbs(1.0, 1e-12));
}

TEST_CASE("The same records and seed give the same ranking, in any order of records",
          "[fast][ranking]") {
  DrawStream stream(2);
  std::vector<Record> records;
  for (const char* name : {"dcgan", "lsgan", "wgan", "sngan"})
    add_trials(records, name, 3, 0.5, 0.5, 0.1, stream);
  auto shuffled = records;
  std::reverse(shuffled.begin(), shuffled.end());
  const auto first_evidence = gather_evidence(records, {});
  const auto second_evidence = gather_evidence(shuffled, {});
  const auto first = rank_candidates(first_evidence, kDiversity, {});
  const auto second = rank_candidates(second_evidence, kDiversity, {});
  REQUIRE(order_of(first) == order_of(second));
  for (std::size_t i = 0; i < first.ranked.size(); ++i) {
    CHECK(first.ranked[i].p_best == second.ranked[i].p_best);
    CHECK(first.ranked[i].score_interval->low == second.ranked[i].score_interval->low);
  }
}

TEST_CASE("Removing a candidate keeps the order and the scores of the rest", "[fast][ranking]") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(0.1, 0.9);
  const std::vector<std::string> names = {"dcgan", "lsgan", "wgan", "sngan", "rsgan", "wgan-gp"};
  for (int round = 0; round < 60; ++round) {
    std::vector<Record> records;
    for (const auto& name : names) {
      for (std::uint64_t seed = 0; seed < 2; ++seed)
        records.push_back(healthy_record(name, seed, uniform(random), uniform(random)));
    }
    const UseCase use_case = wishes({{"diversity", 0.5}, {"quality", 0.3}, {"stability", 0.2}});
    const RankingSettings settings{.draws = 50};
    const auto evidence = gather_evidence(records, {});
    const auto whole = rank_candidates(evidence, use_case, settings);
    CHECK(whole.ranked.front().on_pareto_front);
    const auto& gone = names[random() % names.size()];
    std::erase_if(records, [&](const Record& record) { return record.candidate.name == gone; });
    const auto fewer = gather_evidence(records, {});
    const auto rest = rank_candidates(fewer, use_case, settings);
    auto expected = order_of(whole);
    std::erase(expected, gone);
    CHECK(order_of(rest) == expected);
    for (const auto& ranked : rest.ranked) {
      const auto& before = ranked_named(whole, ranked.evidence->name);
      CHECK(ranked.score == before.score);
      CHECK(ranked.score_interval->low == before.score_interval->low);
    }
  }
}

TEST_CASE("A collapsed GAN with the best FID never wins diversity", "[fast][ranking]") {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform(0.2, 0.9);
  for (int round = 0; round < 50; ++round) {
    std::vector<Record> records;
    for (const char* name : {"dcgan", "lsgan", "sngan"}) {
      for (std::uint64_t seed = 0; seed < 3; ++seed)
        records.push_back(healthy_record(name, seed, uniform(random), uniform(random)));
    }
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      auto collapsed = healthy_measures(1.0, 0.0);
      collapsed["fid"] = 1.0;  // best of all, and blind to what the other measures see
      collapsed["coverage"] = 0.02;
      collapsed["recall"] = 0.0;
      collapsed["mode_kl"] = 2.0;
      collapsed["modes"] = 1.0;
      records.push_back(make_record("wgan", seed, collapsed));
    }
    const auto evidence = gather_evidence(records, {});
    for (const auto& use_case : {kDiversity, presets().at("high-diversity").use_case,
                                 presets().at("rare-modes").use_case}) {
      const auto ranking = rank_candidates(evidence, use_case, {.draws = 200});
      // One mode of ten does not work at all.
      const auto order = order_of(ranking);
      CHECK(order.size() == 3);
      CHECK(std::find(order.begin(), order.end(), "wgan") == order.end());
    }
  }
}

TEST_CASE("Two copies of one configuration are a tie", "[fast][ranking]") {
  DrawStream stream(5);
  int ties = 0;
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Record> records;
    add_trials(records, "dcgan", 3, 0.5, 0.5, 0.05, stream);
    add_trials(records, "lsgan", 3, 0.5, 0.5, 0.05, stream);
    const auto evidence = gather_evidence(records, {});
    const auto ranking = rank_candidates(evidence, kDiversity, {.draws = 400});
    ties += ranking.ranked[0].tied_with.empty() ? 0 : 1;
  }
  CAPTURE(ties);
  CHECK(ties >= 190);
}

TEST_CASE("The chance of being best is what it says", "[fast][ranking]") {
  // Two candidates of equal truth: the stated chance of the first must be uniform enough that
  // statements of 80% and more come true about as often as stated.
  DrawStream stream(6);
  double stated = 0.0, came_true = 0.0;
  int statements = 0;
  for (int round = 0; round < 400; ++round) {
    // The truth is drawn too, so that a stated chance has something to be right about.
    const double d1 = 0.5 + 0.05 * stream.normal(), d2 = 0.5 + 0.05 * stream.normal();
    std::vector<Record> records;
    add_trials(records, "dcgan", 4, 0.5, d1, 0.05, stream);
    add_trials(records, "lsgan", 4, 0.5, d2, 0.05, stream);
    const auto evidence = gather_evidence(records, {});
    const auto ranking = rank_candidates(evidence, kDiversity, {.draws = 300});
    const auto& first = ranking.ranked.front();
    stated += *first.p_best;
    came_true += (first.evidence->name == "dcgan") == (d1 > d2) ? 1.0 : 0.0;
    ++statements;
  }
  CAPTURE(stated / statements, came_true / statements);
  CHECK_THAT(stated / statements - came_true / statements, WithinAbs(0.0, 0.06));
}

TEST_CASE("One seed has no interval, and it is said", "[fast][ranking]") {
  std::vector<Record> records = {
      healthy_record("dcgan", 0, 0.5, 0.5), healthy_record("lsgan", 0, 0.5, 0.6),
      healthy_record("wgan", 0, 0.5, 0.2), healthy_record("wgan", 1, 0.5, 0.3)};
  const auto evidence = gather_evidence(records, {});
  const auto ranking = rank_candidates(evidence, kDiversity, {});
  for (const char* name : {"dcgan", "lsgan"}) {
    const auto& ranked = ranked_named(ranking, name);
    CHECK_FALSE(ranked.rank_interval.has_value());
    CHECK_FALSE(ranked.score_interval.has_value());
    CHECK_FALSE(ranked.p_best.has_value());
    CHECK_FALSE(ranked.expected_regret.has_value());
    CHECK(ranked.tied_with.empty());
  }
  CHECK(ranked_named(ranking, "wgan").rank_interval.has_value());
  CHECK(any_contains(ranking.warnings, "one seed: no interval for lsgan, dcgan"));
  const auto call = closest_call(ranking);
  REQUIRE(call);
  CHECK_FALSE(call->detectable.has_value());
  CHECK_THAT(call->note, ContainsSubstring("one seed"));
}

TEST_CASE("Draws stay within what a criterion can be", "[fast][ranking]") {
  // Two seeds far apart have draws of Student's t far outside 0 to 1.
  const std::vector<Record> records = {healthy_record("dcgan", 0, 0.5, 0.1),
                                       healthy_record("dcgan", 1, 0.5, 0.9)};
  const auto evidence = gather_evidence(records, {});
  const auto ranking = rank_candidates(evidence, kDiversity, {});
  CHECK(ranking.ranked[0].score_interval->low == 0.0);
  CHECK(ranking.ranked[0].score_interval->high == 1.0);
}

TEST_CASE("Each constraint excludes with its reason", "[fast][ranking]") {
  auto slow = healthy_measures(0.5, 0.5);
  slow["train_seconds"] = 1000.0;
  slow["peak_memory_bytes"] = 5e9;
  slow["modes"] = 7.0;
  FakeTrial lost;
  lost.candidate = "fcgan";
  lost.status = "diverged";
  lost.status_step = 10;
  lost.status_reason = "loss is not finite";
  const std::vector<Record> records = {healthy_record("dcgan", 0, 0.5, 0.5),
                                       make_record("wgan", 0, slow), make_record(lost),
                                       healthy_record("rpgan-r1-r2", 0, 0.5, 0.5)};
  const auto evidence = gather_evidence(records, {});
  const auto excluded_by = [&](const char* key, const char* op, const Json& value) {
    const auto ranking =
        rank_candidates(evidence, wishes({{"diversity", 1.0}}, {{key, op, value}}), {.draws = 10});
    std::string text;
    for (const auto& one : ranking.excluded) text += one.candidate + ": " + one.reason + "\n";
    return text;
  };
  // What diverged in its only trial is out whatever the constraint.
  const std::string broken = "fcgan: does not work here: collapsed or diverged in 1 of 1 trials\n";
  CHECK_THAT(excluded_by("train_seconds", "<=", 600),
             ContainsSubstring("wgan: constraint train_seconds <= 600: 1e+03 s on average") &&
                 ContainsSubstring("fcgan") && !ContainsSubstring("dcgan"));
  CHECK_THAT(excluded_by("memory_bytes", "<=", 1e9),
             ContainsSubstring("wgan: ") && ContainsSubstring("at its peak"));
  CHECK_THAT(excluded_by("modes", ">=", 9), ContainsSubstring("seed 0 covers 7") &&
                                                ContainsSubstring("fcgan: ") &&
                                                ContainsSubstring("diverged"));
  CHECK_THAT(excluded_by("diverged_share", "<=", 0), ContainsSubstring("100% of 1 trials"));
  CHECK_THAT(excluded_by("extensions", "==", false),
             ContainsSubstring("rpgan-r1-r2: ") && !ContainsSubstring("wgan"));
  CHECK(excluded_by("extensions", "==", true) == broken);
  CHECK_THAT(excluded_by("image_size", "==", 64), ContainsSubstring("measured at 32x32"));
  CHECK(excluded_by("image_size", "==", 32) == broken);
  CHECK_THAT(excluded_by("candidate", "not in", {"wgan"}),
             ContainsSubstring("wgan: ") && ContainsSubstring("named out"));
  CHECK_THAT(excluded_by("candidate", "in", {"wgan"}),
             ContainsSubstring("dcgan: ") && !ContainsSubstring("\nwgan"));
  CHECK_THAT(excluded_by("labels", "==", true), ContainsSubstring("does not use labels"));
  CHECK(excluded_by("labels", "==", false) == broken);
}

TEST_CASE("What fills in parts of images is ranked where that is asked for, and nowhere else",
          "[fast][ranking]") {
  FakeTrial fills;
  fills.candidate = "lsgan";
  fills.measures = healthy_measures(0.9, 0.9);
  auto json = test::fake_record(fills);
  json["candidate"]["conditioning"] = "visible";
  const std::vector<Record> records = {healthy_record("dcgan", 0, 0.5, 0.5),
                                       parse_record(json, "fills")};
  const auto evidence = gather_evidence(records, {});
  const auto order = [&](std::vector<Constraint> constraints) {
    return order_of(
        rank_candidates(evidence, wishes({{"diversity", 1.0}}, constraints), {.draws = 10}));
  };
  CHECK(order({}) == std::vector<std::string>{"dcgan"});
  CHECK(order({{"fills", "==", false}}) == std::vector<std::string>{"dcgan"});
  CHECK(order({{"fills", "==", true}}) == std::vector<std::string>{"lsgan"});
  CHECK(unmet_constraint(evidence.candidates[1], {}) ==
        "fills in parts of given images, which was not asked for");
  const std::vector<const RecordCandidate*> known = {&records[1].candidate};
  CHECK(is_barred(known, {}));
  CHECK_FALSE(is_barred(known, {{"fills", "==", true}}));
  CHECK_FALSE(is_barred({&records[0].candidate}, {}));
}

TEST_CASE("A bound on a measure holds for every seed", "[fast][ranking]") {
  // FID 35 in both, recall 0.5 and 0.3; one seed of wgan has no FID.
  auto unmeasured = healthy_measures(0.5, 0.5);
  unmeasured["fid"] = std::nullopt;
  const std::vector<Record> records = {
      healthy_record("dcgan", 0, 0.5, 0.5), healthy_record("dcgan", 1, 0.5, 0.25),
      healthy_record("lsgan", 0, 0.5, 0.5), make_record("wgan", 0, unmeasured),
      healthy_record("wgan", 1, 0.5, 0.5)};
  const auto evidence = gather_evidence(records, {});
  const auto reason = [&](std::size_t candidate, const char* key, const char* op, double value) {
    return unmet_constraint(evidence.candidates[candidate], {{key, op, value}}).value_or("met");
  };
  CHECK(reason(0, "fid", "<=", 35.0) == "met");
  CHECK(reason(0, "fid", "<=", 34.9) == "constraint fid <= 34.9: seed 0 has 35");
  CHECK(reason(0, "recall", ">=", 0.3) == "met");
  CHECK(reason(0, "recall", ">=", 0.4) == "constraint recall >= 0.4: seed 1 has 0.3");
  CHECK(reason(1, "recall", ">=", 0.4) == "met");
  CHECK(reason(0, "coverage", ">=", 0.6) == "constraint coverage >= 0.6: seed 0 has 0.5");
  CHECK(reason(0, "precision", ">=", 0.7) == "constraint precision >= 0.7: seed 0 has 0.6");
  CHECK(reason(2, "fid", "<=", 1000.0) ==
        "constraint fid <= 1000.0: fid of seed 0 has no value: left out on purpose");
}

TEST_CASE("What was not measured is not ranked, and what nobody has counts nowhere",
          "[fast][ranking]") {
  auto unmeasured = healthy_measures(0.5, 0.5);
  for (const char* name : {"coverage", "recall", "mode_kl"}) unmeasured[name] = std::nullopt;
  const std::vector<Record> records = {healthy_record("dcgan", 0, 0.5, 0.5),
                                       healthy_record("lsgan", 0, 0.5, 0.4),
                                       make_record("wgan", 0, unmeasured)};
  const auto evidence = gather_evidence(records, {});
  const auto ranking =
      rank_candidates(evidence, wishes({{"diversity", 0.5}, {"transfer", 0.5}}), {.draws = 10});
  CHECK(order_of(ranking) == std::vector<std::string>{"dcgan", "lsgan"});
  REQUIRE(ranking.unmeasured.size() == 1);
  CHECK(ranking.unmeasured[0].candidate == "wgan");
  CHECK_THAT(ranking.unmeasured[0].reason, ContainsSubstring("coverage"));
  CHECK(any_contains(ranking.warnings, "no evidence on transfer"));
  CHECK_THAT(ranking.weights.at("diversity"), WithinAbs(1.0, 1e-12));
  CHECK_THAT(ranking.ranked[0].confidence, WithinAbs(0.5, 1e-12));
  const auto nothing = rank_candidates(evidence, wishes({{"transfer", 1.0}}), {.draws = 10});
  CHECK(nothing.ranked.empty());
  CHECK(any_contains(nothing.warnings, "no candidate is left to rank"));
}

TEST_CASE("Trials of different protocols are never pooled", "[fast][ranking]") {
  const auto with = [](const char* candidate, auto change) {
    FakeTrial trial;
    trial.candidate = candidate;
    trial.measures = healthy_measures(0.5, 0.5);
    change(trial);
    return make_record(trial);
  };
  const std::vector<std::pair<std::string, void (*)(FakeTrial&)>> changes = {
      {"detector", [](FakeTrial& t) { t.detector = "inception"; }},
      {"dataset",
       [](FakeTrial& t) {
         t.dataset = "mnist";
         t.dataset_digest = std::string(64, 'e');
       }},
      {"steps", [](FakeTrial& t) { t.steps = 400; }},
      {"n_fake", [](FakeTrial& t) { t.n_fake = 50000; }},
      {"commit", [](FakeTrial& t) { t.commit = std::string(40, 'f'); }}};
  for (const auto& [field, change] : changes) {
    CAPTURE(field);
    std::vector<Record> records = {with("dcgan", [](FakeTrial&) {}),
                                   with("lsgan", [](FakeTrial&) {}), with("wgan", change)};
    records[2].trial_id += "-other";
    const auto evidence = gather_evidence(records, {});
    CHECK(evidence.candidates.size() == 2);
    REQUIRE(evidence.warnings.size() == 1);
    CHECK_THAT(evidence.warnings[0],
               ContainsSubstring(field) && ContainsSubstring("1 of 3 trials"));
    // Neither group is larger: nothing is chosen for the user.
    records.erase(records.begin());
    try {
      gather_evidence(records, {});
      FAIL_CHECK("pooled or chosen");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kProtocol);
      CHECK_THAT(error.what(), ContainsSubstring(field));
    }
  }
}

TEST_CASE("Devices may differ unless times are asked for", "[fast][ranking]") {
  FakeTrial on_gpu;
  on_gpu.candidate = "wgan";
  on_gpu.measures = healthy_measures(0.5, 0.5);
  on_gpu.device = "cuda:0";
  const std::vector<Record> records = {healthy_record("dcgan", 0, 0.5, 0.5),
                                       healthy_record("lsgan", 0, 0.5, 0.5), make_record(on_gpu)};
  CHECK(gather_evidence(records, {}).candidates.size() == 3);
  CHECK(gather_evidence(records, {.dataset = {}, .same_machine = true}).candidates.size() == 2);
}

TEST_CASE("No record is an error that says what to do", "[fast][ranking]") {
  try {
    gather_evidence({}, {});
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    CHECK_THAT(error.what(), ContainsSubstring("sweep"));
  }
}

TEST_CASE("The weight at which the leader changes is exact", "[fast][ranking]") {
  // Diversity 0.9 against 0.5 and quality the other way round: the lead changes in between.
  const std::vector<Record> records = {healthy_record("dcgan", 0, 0.9, 0.2),
                                       healthy_record("lsgan", 0, 0.4, 0.8)};
  const auto evidence = gather_evidence(records, {});
  const auto at = [&](double weight) {
    return rank_candidates(evidence, wishes({{"diversity", weight}, {"quality", 1.0 - weight}}),
                           {.draws = 5});
  };
  const auto ranking = at(0.2);
  REQUIRE(order_of(ranking).front() == "dcgan");
  std::optional<WeightSensitivity::Change> above;
  for (const auto& one : ranking.sensitivity) {
    if (one.criterion == "diversity") above = one.above;
  }
  REQUIRE(above);
  CHECK(above->candidate == "lsgan");
  CHECK(order_of(at(above->weight - 1e-6)).front() == "dcgan");
  CHECK(order_of(at(above->weight + 1e-6)).front() == "lsgan");
}

TEST_CASE("The seeds that would decide the closest call do", "[fast][ranking]") {
  DrawStream stream(8);
  std::vector<Record> records;
  add_trials(records, "dcgan", 4, 0.5, 0.50, 0.03, stream);
  add_trials(records, "lsgan", 4, 0.5, 0.53, 0.03, stream);
  const auto evidence = gather_evidence(records, {});
  const auto ranking = rank_candidates(evidence, kDiversity, {});
  const auto call = closest_call(ranking);
  REQUIRE(call);
  REQUIRE(call->detectable);
  REQUIRE(call->seeds_needed);
  CHECK(*call->detectable > call->gap);
  CHECK(*call->seeds_needed > 4);
}

}  // namespace
}  // namespace ganselect
