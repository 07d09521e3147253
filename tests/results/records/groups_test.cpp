#include "results/records/groups.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "results/tables/tables.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"

namespace ganselect {
namespace {

using test::contains;
using test::FakeTrial;
using test::make_record;
using test::thrown_by;

Record trial_of(const std::string& candidate, std::uint64_t seed, std::int64_t steps) {
  FakeTrial trial;
  trial.candidate = candidate;
  trial.seed = seed;
  trial.steps = steps;
  trial.measures = {{"fid", 10.0 + static_cast<double>(seed)}, {"coverage", 0.5}};
  Record record = make_record(trial);
  record.trial_id += "-" + std::to_string(steps);
  return record;
}

// Three candidates at 200 steps, two at 400, one at 800.
std::vector<Record> three_plans() {
  std::vector<Record> records;
  for (const char* name : {"dcgan", "lsgan", "wgan"}) records.push_back(trial_of(name, 0, 200));
  for (const char* name : {"dcgan", "lsgan"}) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) records.push_back(trial_of(name, seed, 400));
  }
  records.push_back(trial_of("rsgan", 0, 800));
  return records;
}

TEST_CASE("the group with most candidates comes first, then the one with most trials",
          "[fast][groups]") {
  auto records = three_plans();
  std::reverse(records.begin(), records.end());
  const auto groups = comparable_groups(records, false);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].candidates == 3);
  CHECK(groups[1].records.size() == 8);
  CHECK(groups[2].records.front()->candidate.name == "rsgan");
  CHECK(contains(groups[1].description, "400 steps"));
}

TEST_CASE("records with versions go before those of earlier programs, though these are more",
          "[fast][groups]") {
  auto records = three_plans();
  records.back().versions = RecordVersions{};  // the one at 800 steps
  const auto groups = comparable_groups(records, false);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].records.front()->candidate.name == "rsgan");
  CHECK(groups[1].candidates == 3);
}

TEST_CASE("what a table leaves out is said, with the number that takes it", "[fast][groups]") {
  const auto records = three_plans();
  const auto pooled = pool_records(records, {});
  CHECK(pooled.records.size() == 3);
  REQUIRE(pooled.notes.size() == 2);
  CHECK(contains(pooled.notes[0], "8 of 12 trials left out: budget.steps is '400', not '200'"));
  CHECK(contains(pooled.notes[0], "--group 2"));
  CHECK(contains(pooled.notes[1], "--group 3"));
  const auto second = pool_records(records, 2);
  CHECK(second.records.size() == 8);
  CHECK_NOTHROW(build_table(2, second.records, {}));
  CHECK_THROWS_AS(build_table(2, records, {}), Error);
}

// As a sweep of points writes it: the same training as that of the named candidate, but for what it
// is called.
Record written_out(const Record& named, const std::string& point) {
  Record record = named;
  record.candidate.name = point;
  record.candidate.regularization = {};
  record.candidate.json["name"] = point;
  record.candidate.json["regularization"] = Json::array();
  record.candidate.json["notes"] = "written out";
  record.settings["point"] = point;
  record.trial_id += "-point";
  return record;
}

TEST_CASE("a training under two names is counted once, under the candidate's own",
          "[fast][groups]") {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    auto named = trial_of("dcgan", seed, 200);
    named.candidate.regularization = {"batch-norm-g", "batch-norm-d"};
    named.candidate.json["regularization"] = named.candidate.regularization;
    named.settings["point"] = "dcgan";
    records.push_back(named);
  }
  const std::string point = "dcgan/non-saturating";
  records.push_back(written_out(records[0], point));
  auto other_seed = written_out(records[1], point);
  other_seed.seed = 7;
  records.push_back(other_seed);
  auto other_switch = written_out(records[0], "dcgan/non-saturating/no-batch-norm-d");
  other_switch.candidate.json["batch_norm_d"] =
      !other_switch.candidate.json.value("batch_norm_d", false);
  records.push_back(other_switch);

  const auto groups = comparable_groups(records, false);
  REQUIRE(groups.size() == 1);
  // The point's further seed goes too, or one training would stand in two rows.
  CHECK(groups[0].records.size() == 3);
  REQUIRE(groups[0].notes.size() == 1);
  CHECK(groups[0].notes[0] == "2 trials are not counted twice: dcgan/non-saturating is dcgan");
  REQUIRE(groups[0].copies.size() == 1);
  CHECK(groups[0].copies[0].standing == "dcgan");
  const auto pooled = pool_records(records, {});
  CHECK(pooled.records.size() == 3);
  CHECK(pooled.notes == groups[0].notes);
}

TEST_CASE("a point whose samples came out as a named candidate's is that candidate",
          "[fast][groups]") {
  const auto of = [](const std::string& name, std::uint64_t seed, double fid) {
    FakeTrial trial;
    trial.candidate = name;
    trial.seed = seed;
    trial.measures = {{"fid", fid},      {"coverage", 0.1}, {"recall", 0.0},
                      {"precision", .4}, {"density", 0.3},  {"kid_mean", 0.2}};
    auto record = make_record(trial);
    record.candidate.architecture = "fc";
    return record;
  };
  // Recorded with a regularizer that the point's name does not have.
  constexpr double kFid = 96.9662456574545;
  auto named = of("fcgan", 0, kFid);
  named.candidate.regularization = {"dropout"};
  named.candidate.json["regularization"] = named.candidate.regularization;
  const auto same = of("fc/non-saturating", 0, kFid);
  const auto other_seed = of("fc/non-saturating", 1, 95.0);
  const auto nearly = of("fc/non-saturating", 0, std::nextafter(kFid, 100.0));
  const std::vector<Record> copied = {named, same, other_seed}, apart = {named, nearly, other_seed};
  CHECK(comparable_groups(copied, false)[0].candidates == 1);
  CHECK(comparable_groups(apart, false)[0].candidates == 2);
}

TEST_CASE("groups of one size are not chosen among, and a wrong number is named",
          "[fast][groups]") {
  const std::vector<Record> records = {trial_of("dcgan", 0, 200), trial_of("dcgan", 0, 400)};
  const auto tie = thrown_by([&] { pool_records(records, {}); });
  CHECK(tie.kind == ErrorKind::kProtocol);
  CHECK(contains(tie.message, "budget.steps"));
  CHECK(contains(tie.message, "--group"));
  CHECK(pool_records(records, 2).records.front().budget.steps == 400);
  CHECK(thrown_by([&] { pool_records(records, 3); }).kind == ErrorKind::kUsage);
  CHECK(thrown_by([&] { pool_records(records, 0); }).kind == ErrorKind::kUsage);
  CHECK(thrown_by([&] { pool_records({}, {}); }).kind == ErrorKind::kData);
}

TEST_CASE("code versions and, where times count, machines are never pooled", "[fast][groups]") {
  FakeTrial trial;
  trial.measures = {{"fid", 10.0}, {"train_seconds", 5.0}};
  const auto first = make_record(trial);
  FakeTrial newer = trial;
  newer.commit = std::string(40, 'b');
  CHECK(pooling_difference(first, make_record(newer), false)->field == "provenance.commit");
  FakeTrial elsewhere = trial;
  elsewhere.device = "cuda:0";
  CHECK_FALSE(pooling_difference(first, make_record(elsewhere), false));
  CHECK(pooling_difference(first, make_record(elsewhere), true)->field == "settings.device");
}

TEST_CASE("records with versions are pooled by these, whatever their commits", "[fast][groups]") {
  FakeTrial trial;
  trial.measures = {{"fid", 10.0}};
  const auto old = make_record(trial);
  trial.versions = RecordVersions{.training = 3, .evaluation = 5};
  const auto first = make_record(trial);
  FakeTrial mended = trial;
  mended.commit = std::string(40, 'b');
  CHECK_FALSE(pooling_difference(first, make_record(mended), true));
  FakeTrial trained = trial, measured = trial;
  trained.versions->training = 4;
  measured.versions->evaluation = 6;
  const auto training = pooling_difference(first, make_record(trained), false);
  REQUIRE(training);
  CHECK(training->field == "training_version");
  CHECK(training->first == "3");
  CHECK(training->second == "4");
  CHECK(pooling_difference(first, make_record(measured), false)->field == "evaluation_version");
  // Of one commit, and still apart: a record without versions says less.
  const auto mixed = pooling_difference(old, first, false);
  REQUIRE(mixed);
  CHECK(mixed->field == "training_version");
  CHECK(mixed->first == "absent");
  CHECK(pooling_difference(first, old, false)->second == "absent");
}

TEST_CASE("the batch is the candidate's own, and images seen stand in its place",
          "[fast][groups]") {
  const auto records_of = [](std::optional<RecordVersions> versions) {
    std::vector<Record> records;
    for (const auto& [name, batch] : {std::pair("dcgan", 128), std::pair("wgan", 64)}) {
      FakeTrial trial;
      trial.candidate = name;
      trial.batch = batch;
      trial.versions = versions;
      trial.measures = {{"fid", 10.0}};
      records.push_back(make_record(trial));
    }
    return records;
  };
  const auto records = records_of(RecordVersions{});
  const auto groups = comparable_groups(records, false);
  REQUIRE(groups.size() == 1);
  // 200 updates: one critic update of 128 images each, and five of 64.
  CHECK(groups[0].description ==
        "cifar10, 200 steps (25600 to 64000 images seen), width 0.25, judge-cifar10");
  const auto table = build_table(1, records, {});
  CHECK(contains(table.title, "200 generator updates (25600 to 64000 images seen), width 0.25"));
  CHECK(table.protocol.at("budget").at("images_seen") == "25600 to 64000");
  CHECK_FALSE(table.protocol.at("budget").contains("batch"));

  const auto old = records_of(std::nullopt);
  REQUIRE(comparable_groups(old, false).size() == 2);
  CHECK(pooling_difference(old[0], old[1], false)->field == "budget.batch");
  CHECK(comparable_groups(std::span(old).first(1), false)[0].description ==
        "cifar10, 200 steps of batch 128, width 0.25, judge-cifar10");
}

TEST_CASE("candidates of one training count once, under the name that they share",
          "[fast][groups]") {
  const auto records_of = [](const std::vector<std::string>& names) {
    std::vector<Record> records;
    for (const auto& name : names) {
      FakeTrial trial;
      trial.candidate = name;
      trial.same_training = name == "lsgan" ? "" : "dcgan";
      trial.measures = {{"fid", 10.0}, {"coverage", 0.5}};
      records.push_back(make_record(trial));
    }
    return records;
  };
  const auto records = records_of({"fgan-gan", "lsgan", "dcgan", "fgan-kl"});
  const auto groups = comparable_groups(records, false);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].candidates == 2);
  REQUIRE(groups[0].notes.size() == 1);
  CHECK(
      groups[0].notes[0] ==
      "2 trials are not counted twice: fgan-gan is trained as dcgan, fgan-kl is trained as dcgan");
  const auto without = records_of({"fgan-kl", "lsgan", "fgan-gan"});
  const auto others = comparable_groups(without, false);
  CHECK(others[0].notes[0] == "1 trial is not counted twice: fgan-kl is trained as fgan-gan");
}

TEST_CASE("a candidate that is another's training shows that one's trials in tables",
          "[fast][groups][tables]") {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    FakeTrial trial;
    trial.seed = seed;
    trial.measures = {{"fid", 10.0 + static_cast<double>(seed)}};
    records.push_back(make_record(trial));
  }
  Json dcgan = test::fake_candidate("dcgan"), gan = test::fake_candidate("fgan-gan");
  gan["same_training"] = "dcgan";
  const auto table = build_table(1, records, {dcgan, gan, test::fake_candidate("fgan-kl")});
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[1].candidate == "fgan-gan");
  CHECK(table.rows[1].status == "as dcgan: 2 finished");
  CHECK(table.rows[1].trial_ids == table.rows[0].trial_ids);
  CHECK(table.rows[1].cells.at("fid").summary.mean == 10.5);
  CHECK(table.rows[1].texts.at("divergence") == "gan");  // its own, not dcgan's
  CHECK(table.rows[2].status == "not measured");
}

TEST_CASE("of one candidate's settings the most frequent are kept", "[fast][groups]") {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    FakeTrial trial;
    trial.seed = seed;
    trial.measures = {{"fid", 10.0}};
    if (seed == 1) trial.settings = {{"lr_g", 1e-5}};
    records.push_back(make_record(trial));
    CHECK(same_configuration(records.front(), records.back()) ==
          (configuration_key(records.front()) == configuration_key(records.back())));
  }
  const auto pooled = pool_records(records, {});
  REQUIRE(pooled.records.size() == 2);
  CHECK(pooled.records[1].seed == 2);
  REQUIRE(pooled.notes.size() == 1);
  CHECK(contains(pooled.notes[0], "dcgan: 2 of 3 trials used"));
}

}  // namespace
}  // namespace ganselect
