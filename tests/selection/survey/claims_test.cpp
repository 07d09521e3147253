#include "selection/survey/claims.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <tuple>

#include "selection/survey/contrasts.h"
#include "tests/selection/survey/claim_records.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using test::add_seeds;
using test::claim_of;
using test::ClaimMeasures;
using test::FakePoint;
using test::kSeeds;
using test::record_of_point;
using test::three_seeds;

TEST_CASE("All ten claims are there, each with a verdict and a reason on thin evidence",
          "[fast][claims]") {
  const std::vector<Record> records = {test::healthy_record("dcgan", 0, 0.5, 0.5),
                                       test::healthy_record("fcgan", 0, 0.2, 0.2)};
  const auto evidence = gather_evidence(records, {});
  const auto verdicts = judge_claims(evidence);
  REQUIRE(verdicts.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(verdicts[i].name == "C" + std::to_string(i + 1));
    CHECK(verdicts[i].verdict == "undecided");
    CHECK_FALSE(verdicts[i].reason.empty());
    CHECK_FALSE(verdicts[i].p_corrected.has_value());
  }
  CHECK(verdicts[8].reason == "one seed: no interval");
  CHECK(verdicts[8].test.trials.size() == 2);
}

TEST_CASE("C9 follows the FIDs of DCGAN and FCGAN", "[fast][claims]") {
  std::vector<Record> records;
  add_seeds(records, {.name = "dcgan"}, {{"fid", 20.0}});
  add_seeds(records, {.name = "fcgan", .architecture = "fc"}, {{"fid", 40.0}});
  const auto supported = claim_of(records, "C9");
  CHECK(supported.verdict == "supported");
  CHECK_THAT(*supported.test.effect, WithinAbs(0.5, 0.02));
  CHECK(supported.test.interval95->low > 0.45);
  CHECK(supported.test.trials.size() == 2 * kSeeds);
  CHECK(*supported.p_corrected >= *supported.test.p_value);
  records.clear();
  add_seeds(records, {.name = "dcgan"}, {{"fid", 40.0}});
  add_seeds(records, {.name = "fcgan", .architecture = "fc"}, {{"fid", 20.0}});
  CHECK(claim_of(records, "C9").verdict == "contradicted");
  records.clear();
  add_seeds(records, {.name = "dcgan"}, {{"fid", 30.0}}, 0.3);
  add_seeds(records, {.name = "fcgan", .architecture = "fc"}, {{"fid", 30.0}}, -0.3);
  CHECK(claim_of(records, "C9").verdict == "undecided");
}

TEST_CASE("A claim finds what was trained under another name of the same training",
          "[fast][claims]") {
  std::vector<Record> records;
  add_seeds(records, {.name = "dcgan"}, {{"fid", 40.0}});
  add_seeds(records, {.name = "fgan-kl", .loss = "f-divergence", .divergence = "kl"},
            {{"fid", 40.5}});
  add_seeds(
      records,
      {.name = "fgan-squared-hellinger", .loss = "f-divergence", .divergence = "squared-hellinger"},
      {{"fid", 41.0}});
  CHECK(claim_of(records, "C8").reason == "no trial of fgan-gan");
  Json other = records.front().candidate.json;
  other["name"] = "fgan-gan";
  other["loss"] = "f-divergence";
  other["divergence"] = "gan";
  other["same_training"] = "dcgan";
  const std::vector<Json> catalogue = {other};
  const auto evidence = gather_evidence(records, {.catalogue = catalogue});
  REQUIRE(evidence.other_names.size() == 1);
  CHECK(evidence.find("fgan-gan") == evidence.find("dcgan"));
  const auto verdicts = judge_claims(evidence);
  CHECK(verdicts[7].verdict == "supported");
  CHECK(verdicts[7].test.trials.size() == 3 * kSeeds);
  // And the divergence that it stands for has its pairs.
  CHECK(controlled_pairs(evidence, "divergence").size() == 3);
  // The other way round: what was trained says itself whose training it is.
  std::vector<Record> renamed;
  for (auto record : records) {
    if (record.candidate.name == "dcgan") {
      record.candidate.name = "fgan-gan";
      record.candidate.same_training = "dcgan";
    }
    renamed.push_back(record);
  }
  const auto named = gather_evidence(renamed, {});
  REQUIRE(named.find("dcgan") != nullptr);
  CHECK(named.find("dcgan")->name == "fgan-gan");
  CHECK(named.find("wgan") == nullptr);
}

TEST_CASE("Each claim is tested on the largest group that can test it", "[fast][claims]") {
  // Two candidates of 200 updates and a pair for the penalty of 100.
  auto records = three_seeds({20.0, 21.0, 20.5}, {60.0, 61.0, 62.5});
  const auto longer = records.size();
  add_seeds(records, {.name = "plain/hinge", .loss = "hinge"}, {{"fid", 60.0}});
  records.resize(longer + 4);
  for (std::uint64_t seed = 0; seed < 3; ++seed)
    records.push_back(record_of_point(
        {.name = "gp/hinge", .loss = "hinge", .regularization = {"gradient-penalty"}}, seed,
        {{"fid", 30.0 + 0.1 * static_cast<double>(seed)}}));
  for (auto it = records.begin() + static_cast<std::ptrdiff_t>(longer); it != records.end(); ++it) {
    it->budget.steps = 100;
    it->settings["steps"] = 100;
  }
  const auto groups = gather_groups(records, {.group = {}});
  REQUIRE(groups.size() == 2);
  const auto verdicts = judge_claims(groups);
  CHECK(verdicts[8].p_deciding.has_value() == verdicts[3].p_deciding.has_value());
  CHECK(verdicts[3].verdict == "supported");
  CHECK_THAT(verdicts[3].evidence, ContainsSubstring("100 steps"));
  CHECK(verdicts[8].verdict == "supported");
  CHECK_THAT(verdicts[8].evidence, ContainsSubstring("200 steps"));
  CHECK_THAT(claims_to_text(verdicts), ContainsSubstring("     of cifar10, 100 steps"));
  // Asked for one group, the other is left alone.
  CHECK(gather_groups(records, {.group = 1}).size() == 1);
}

TEST_CASE("C1 needs all four above the median in all three measures", "[fast][claims]") {
  const auto records_with = [](double sngan_recall) {
    std::vector<Record> records;
    for (const char* name : {"wgan-gp", "lsgan", "rsgan"})
      add_seeds(records, {.name = name}, {{"fid", 20.0}, {"coverage", 0.6}, {"recall", 0.6}});
    add_seeds(records, {.name = "sngan"},
              {{"fid", 20.0}, {"coverage", 0.6}, {"recall", sngan_recall}});
    for (const char* name : {"dcgan", "wgan", "fcgan", "conv-gan", "rasgan"})
      add_seeds(records, {.name = name}, {{"fid", 40.0}, {"coverage", 0.4}, {"recall", 0.4}});
    return records;
  };
  CHECK(claim_of(records_with(0.6), "C1").verdict == "supported");
  const auto failed = claim_of(records_with(0.2), "C1");
  CHECK(failed.verdict == "contradicted");
  CHECK_THAT(*failed.test.effect, WithinAbs(-0.5, 1e-9));
}

TEST_CASE("C2 is satisfied by one of the two joined losses", "[fast][claims]") {
  std::vector<Record> records;
  add_seeds(records, {.name = "lsgan"}, {{"fid", 40.0}});
  add_seeds(records, {.name = "rsgan"}, {{"fid", 38.0}});
  add_seeds(records, {.name = "ralsgan"}, {{"fid", 25.0}});
  add_seeds(records, {.name = "rlsgan"}, {{"fid", 45.0}});
  CHECK(claim_of(records, "C2").verdict == "supported");
}

TEST_CASE("C4 and C5 compare with and without the penalty", "[fast][claims]") {
  std::vector<Record> records;
  const ClaimMeasures steady = {{"fid", 40.0}, {"collapsed", 0.0}, {"vanishing_share", 0.0}};
  const ClaimMeasures better = {{"fid", 25.0}, {"collapsed", 0.0}, {"vanishing_share", 0.0}};
  add_seeds(records, {.name = "rsgan", .loss = "relativistic", .batch_norm_d = true}, steady);
  add_seeds(records,
            {.name = "rsgan-gp", .loss = "relativistic", .regularization = {"gradient-penalty"}},
            better);
  CHECK(claim_of(records, "C4").verdict == "supported");
  CHECK(claim_of(records, "C5").verdict == "supported");
  std::vector<Record> shaky;
  const ClaimMeasures fallen = {{"fid", 40.0}, {"collapsed", 1.0}, {"vanishing_share", 0.0}};
  add_seeds(shaky, {.name = "rsgan", .loss = "relativistic", .batch_norm_d = true}, fallen);
  add_seeds(shaky,
            {.name = "rsgan-gp", .loss = "relativistic", .regularization = {"gradient-penalty"}},
            better);
  CHECK(claim_of(shaky, "C5").verdict == "contradicted");
}

TEST_CASE("C4 prefers pairs that batch norm does not tell apart", "[fast][claims]") {
  std::vector<Record> records;
  const FakePoint penalized = {
      .name = "gp", .loss = "hinge", .regularization = {"gradient-penalty"}};
  add_seeds(records, {.name = "with-norm", .loss = "hinge", .batch_norm_d = true}, {{"fid", 20.0}});
  add_seeds(records, penalized, {{"fid", 40.0}});
  CHECK(claim_of(records, "C4").verdict == "contradicted");
  // Without the batch norm, the penalty is a gain.
  add_seeds(records, {.name = "without-norm", .loss = "hinge"}, {{"fid", 60.0}});
  const auto alike = claim_of(records, "C4");
  CHECK(alike.verdict == "supported");
  CHECK_THAT(*alike.test.effect, WithinAbs(1.0 / 3.0, 0.02));
}

// A trial that reaches `fid` at its second checkpoint, after `seconds`.
void add_timed_seeds(std::vector<Record>& records, const FakePoint& point, double rate,
                     double seconds, double fid, const std::string& cpu = "one") {
  add_seeds(records, point, {{"updates_per_second", rate}, {"train_seconds", 2 * seconds}});
  for (auto it = records.end() - kSeeds; it != records.end(); ++it) {
    it->provenance["cpu"] = cpu;
    for (const auto& [step, at, value] :
         {std::tuple(100, 0.5 * seconds, 3.0 * fid), std::tuple(200, seconds, fid)}) {
      RecordCheckpoint checkpoint{step, at, {}};
      checkpoint.measures.set("fid", value);
      it->checkpoints.push_back(checkpoint);
    }
  }
}

TEST_CASE("C6 compares the time of an update and the time to equal FID", "[fast][claims]") {
  const FakePoint spectral = {.name = "a", .regularization = {"spectral-norm"}};
  const FakePoint penalty = {.name = "b", .regularization = {"gradient-penalty"}};
  std::vector<Record> records;
  add_timed_seeds(records, spectral, 10.0, 30.0, 20.0);
  add_timed_seeds(records, penalty, 5.0, 50.0, 20.0);
  const auto supported = claim_of(records, "C6");
  CHECK(supported.verdict == "supported");
  // The weaker of the two savings: 40% of the time to FID 20, 50% of the time of an update.
  CHECK_THAT(*supported.test.effect, WithinAbs(0.4, 1e-12));
  CHECK(supported.test.unit == "share of the seconds to equal FID, of the trials themselves");
  CHECK(supported.method == "sign flips");
  // Faster updates that need more of them: 20 is reached later, though each update takes half.
  records.clear();
  add_timed_seeds(records, spectral, 10.0, 80.0, 20.0);
  add_timed_seeds(records, penalty, 5.0, 50.0, 20.0);
  CHECK(claim_of(records, "C6").verdict == "contradicted");
  // FID 20 against 15: 20 is the lowest that both reach.
  records.clear();
  add_timed_seeds(records, spectral, 10.0, 30.0, 20.0);
  add_timed_seeds(records, penalty, 5.0, 50.0, 15.0);
  CHECK_THAT(*claim_of(records, "C6").test.effect, WithinAbs(0.4, 1e-12));
  // Times of two machines say nothing.
  records.clear();
  add_timed_seeds(records, spectral, 10.0, 30.0, 20.0, "one");
  add_timed_seeds(records, penalty, 5.0, 50.0, 20.0, "another");
  CHECK(claim_of(records, "C6").verdict == "undecided");
}

TEST_CASE("C6 takes speeds that were measured alone where every arm has one", "[fast][claims]") {
  const test::TempDir folder;
  const FakePoint spectral = {.name = "a", .regularization = {"spectral-norm"}};
  const FakePoint penalty = {.name = "b", .regularization = {"gradient-penalty"}};
  // By the trials' own clocks, of two machines, nothing could be said.
  std::vector<Record> records;
  add_timed_seeds(records, spectral, 10.0, 30.0, 20.0, "one");
  add_timed_seeds(records, penalty, 50.0, 5.0, 20.0, "another");
  for (auto& record : records) record.folder = folder.path() / "plan" / record.trial_id;
  const auto row = [](const char* name, double rate, std::vector<double> rounds) {
    return Json{{"name", std::string("train/") + name + "/min_time:1.000/real_time/threads:1"},
                {"updates/s", rate},
                {"updates/s of each round", rounds}};
  };
  Json file = {
      {"context", {{"setting_device", "cpu"}, {"setting_width", "0.25"}, {"setting_batch", "64"}}},
      {"benchmarks", {row("a", 8.0, {8.0, 8.4, 7.6}), row("b", 5.0, {5.0, 5.1, 4.9})}}};
  std::ofstream(folder.path() / "cost_alone.json") << file.dump();
  const auto verdict = claim_of(records, "C6");
  CHECK(verdict.verdict == "supported");
  // Both need 200 updates, so either part saves 1 - 5 / 8 but for the rounds' spread.
  CHECK_THAT(*verdict.test.effect, WithinAbs(1.0 - 5.0 / 8.0, 0.005));
  CHECK_THAT(verdict.test.unit, ContainsSubstring("measured alone"));
  const auto evidence = gather_evidence(records, {});
  CHECK(evidence.cost_source == "speeds measured alone: cost_alone.json");
  // The criterion follows them: the slower by its own clock is the cheaper.
  const auto cost = criterion_index("cost");
  CHECK(*evidence.find("a")->trials[0].criteria[cost].score >
        *evidence.find("b")->trials[0].criteria[cost].score);
  // Of another batch, or of one arm alone, they count for nobody.
  file["context"]["setting_batch"] = "32";
  std::ofstream(folder.path() / "cost_alone.json") << file.dump();
  CHECK(claim_of(records, "C6").verdict == "undecided");
  file["context"]["setting_batch"] = "64";
  file["benchmarks"].erase(1);
  std::ofstream(folder.path() / "cost_alone.json") << file.dump();
  CHECK(claim_of(records, "C6").verdict == "undecided");
  const auto half = gather_evidence(records, {});
  CHECK_THAT(half.cost_source, ContainsSubstring("1 of 2 candidates were not measured alone"));
  CHECK(*half.find("a")->trials[0].criteria[cost].score <
        *half.find("b")->trials[0].criteria[cost].score);
}

TEST_CASE("C7 takes the switches apart", "[fast][claims]") {
  const auto records_with = [](double both, double g_only, double d_only, double neither) {
    std::vector<Record> records;
    add_seeds(records, {.name = "gd", .batch_norm_g = true, .batch_norm_d = true}, {{"fid", both}});
    add_seeds(records, {.name = "g", .batch_norm_g = true, .batch_norm_d = false},
              {{"fid", g_only}});
    add_seeds(records, {.name = "d", .batch_norm_g = false, .batch_norm_d = true},
              {{"fid", d_only}});
    add_seeds(records, {.name = "none", .batch_norm_g = false, .batch_norm_d = false},
              {{"fid", neither}});
    return records;
  };
  CHECK(claim_of(records_with(30, 20, 45, 35), "C7").verdict == "supported");
  CHECK(claim_of(records_with(20, 30, 35, 45), "C7").verdict == "contradicted");
}

TEST_CASE("Of parts that one seed cannot test the weakest effect is shown", "[fast][claims]") {
  // In the generator a gain of a half, in the critic, where it should hurt, a gain too.
  std::vector<Record> records;
  const std::map<std::pair<bool, bool>, double> fids = {
      {{true, true}, 20.0}, {{true, false}, 25.0}, {{false, true}, 40.0}, {{false, false}, 50.0}};
  for (const auto& [norms, fid] : fids) {
    const std::string name = std::string(norms.first ? "g" : "-") + (norms.second ? "d" : "-");
    records.push_back(
        record_of_point({.name = name, .batch_norm_g = norms.first, .batch_norm_d = norms.second},
                        0, {{"fid", fid}}));
  }
  const auto result = claim_of(records, "C7");
  CHECK(result.verdict == "undecided");
  REQUIRE(result.test.effect);
  // Without it the critic's FID is 25 / 20 and 50 / 40 of that with it.
  CHECK_THAT(*result.test.effect, WithinAbs(-0.25, 1e-12));
}

TEST_CASE("A claim of several parts is as sure as its least sure part", "[fast][claims]") {
  // In the generator the switch helps on average but not reliably; in the critic it always hurts.
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const double wavers = seed % 2 == 0 ? -18.0 : 20.0;
    for (const bool g : {true, false}) {
      for (const bool d : {true, false}) {
        const double fid = 40.0 - (g ? wavers : 0.0) + (d ? 15.0 : 0.0);
        const std::string name = std::string(g ? "g" : "-") + (d ? "d" : "-");
        records.push_back(record_of_point({.name = name, .batch_norm_g = g, .batch_norm_d = d},
                                          seed, {{"fid", fid}}));
      }
    }
  }
  const auto verdict = claim_of(records, "C7");
  CHECK(verdict.verdict == "undecided");
  CHECK(*verdict.test.p_value > 0.3);
}

TEST_CASE("C8 is a test of equivalence, not of difference", "[fast][claims]") {
  const auto records_with = [](double kl) {
    std::vector<Record> records;
    add_seeds(records, {.name = "fgan-gan", .loss = "f-divergence", .divergence = "gan"},
              {{"fid", 40.0}});
    add_seeds(records, {.name = "fgan-kl", .loss = "f-divergence", .divergence = "kl"},
              {{"fid", kl}});
    add_seeds(records,
              {.name = "fgan-squared-hellinger",
               .loss = "f-divergence",
               .divergence = "squared-hellinger"},
              {{"fid", 41.0}});
    return records;
  };
  CHECK(claim_of(records_with(40.5), "C8").verdict == "supported");
  CHECK(claim_of(records_with(80.0), "C8").verdict == "contradicted");
}

TEST_CASE("C10 reads loss and FID from curves", "[fast][claims]") {
  const test::TempDir folder;
  std::ofstream(folder.path() / "follows.csv")
      << "step,seconds,loss_d\n10,1,-8\n20,2,-6\n30,3,-5\n40,4,-2\n";
  std::ofstream(folder.path() / "wanders.csv")
      << "step,seconds,loss_d\n10,1,0.5\n20,2,1.5\n30,3,0.2\n40,4,1.1\n";
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const char* name : {"wgan", "dcgan"}) {
      test::FakeTrial trial;
      trial.candidate = name;
      trial.seed = seed;
      trial.measures = {{"fid", 20.0}};
      trial.files = {{"curve", std::string(name) == "wgan" ? "follows.csv" : "wanders.csv"}};
      for (int i = 0; i < 4; ++i)
        trial.checkpoints.push_back({{"step", 10 * (i + 1)},
                                     {"seconds", i + 1.0},
                                     {"measures", {{"fid", 80.0 - 15.0 * i}}},
                                     {"protocol", Json::object()}});
      records.push_back(test::make_record(trial));
      records.back().folder = folder.path();
    }
  }
  const auto verdict = claim_of(records, "C10");
  CHECK(verdict.verdict == "supported");
  // WGAN's distance falls with every FID: rank correlation 1. DCGAN's ranks 2 0 3 1 against 3 2 1
  // 0.
  CHECK_THAT(*verdict.test.effect, WithinAbs(1.0 - 0.0, 1e-9));
}

TEST_CASE("The JSON form has the promised keys", "[fast][claims]") {
  const std::vector<Record> records = {test::healthy_record("dcgan", 0, 0.5, 0.5)};
  const auto evidence = gather_evidence(records, {});
  const auto json = claims_to_json(judge_claims(evidence));
  REQUIRE(json.size() == 10);
  for (const auto& claim : json) {
    for (const char* key : {"id",
                            "claim",
                            "verdict",
                            "effect",
                            "interval",
                            "p_value",
                            "trials",
                            "unit",
                            "reason",
                            "test",
                            "p_value_uncorrected",
                            "method",
                            "scale",
                            "standard_error",
                            "degrees_of_freedom",
                            "p_value_t",
                            "p_value_sign_flip",
                            "p_value_alike",
                            "literature",
                            "literature_reason"})
      CHECK(claim.contains(key));
    CHECK(claim["trials"].is_array());
  }
  CHECK_THAT(claims_to_text(judge_claims(evidence)), ContainsSubstring("C10"));
}

}  // namespace
}  // namespace ganselect
