#include "results/records/compare.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/errors.h"
#include "tests/support/fake_records.h"

using namespace ganselect;
using test::contains;
using test::FakeTrial;
using test::thrown_by;

namespace {

FakeTrial compared_trial() {
  FakeTrial trial;
  trial.measures = {{"fid", 12.0},
                    {"precision", 0.5},
                    {"recall", 0.4},
                    {"high_quality_share", 0.9},
                    {"train_seconds", 60.0},
                    {"parameters_g", 1000.0},
                    {"oscillation_loss", 0.1},
                    {"fid_best", 11.0}};
  trial.settings = {{"evaluation_interval", 100},
                    {"curve_interval", 50},
                    {"on_collapse", "warn"},
                    {"threads", 1}};
  trial.checkpoints = {{{"step", 100},
                        {"seconds", 1.0},
                        {"measures", {{"fid", 11.0}}},
                        {"protocol", {{"n_fake", 2000}}}}};
  return trial;
}

// One way in which a second trial differs, the field that must be named and the measures it spoils.
struct Change {
  std::string field;
  std::function<void(FakeTrial&)> apply;
  std::vector<std::string> spoiled;
};

const std::vector<std::string>& compared_measures() {
  static const std::vector<std::string> names = {
      "fid",           "precision",    "recall",           "high_quality_share",
      "train_seconds", "parameters_g", "oscillation_loss", "fid_best"};
  return names;
}

const std::vector<Change>& changes() {
  const auto& all = compared_measures();
  static const std::vector<Change> rows = {
      {"dataset.name", [](FakeTrial& t) { t.dataset = "mnist"; }, all},
      {"dataset.digest", [](FakeTrial& t) { t.dataset_digest = "other"; }, all},
      {"budget.steps", [](FakeTrial& t) { t.steps = 300; }, all},
      {"budget.batch", [](FakeTrial& t) { t.batch = 32; }, all},
      {"budget.width", [](FakeTrial& t) { t.width = 1.0; }, all},
      {"settings.precision", [](FakeTrial& t) { t.settings["precision"] = "tf32"; }, all},
      {"settings.ema_decay", [](FakeTrial& t) { t.settings["ema_decay"] = 0.999; }, all},
      {"settings.on_collapse", [](FakeTrial& t) { t.settings["on_collapse"] = "stop"; }, all},
      {"settings.evaluation_interval",
       [](FakeTrial& t) { t.settings["evaluation_interval"] = 10; },
       {"oscillation_loss", "fid_best"}},
      {"settings.curve_interval",
       [](FakeTrial& t) { t.settings["curve_interval"] = 10; },
       {"oscillation_loss", "fid_best"}},
      {"settings.device", [](FakeTrial& t) { t.device = "cuda:0"; }, {"train_seconds"}},
      {"settings.threads", [](FakeTrial& t) { t.settings["threads"] = 2; }, {"train_seconds"}},
      {"protocol.detector",
       [](FakeTrial& t) { t.detector = "inception"; },
       {"fid", "precision", "recall"}},
      {"protocol.detector_digest",
       [](FakeTrial& t) { t.detector_digest = "other"; },
       {"fid", "precision", "recall"}},
      {"protocol.n_fake",
       [](FakeTrial& t) { t.n_fake = 5000; },
       {"fid", "precision", "recall", "high_quality_share"}},
      {"protocol.split",
       [](FakeTrial& t) { t.split = "test"; },
       {"fid", "precision", "recall", "high_quality_share"}},
      {"protocol.mode",
       [](FakeTrial& t) { t.protocol["mode"] = "batch"; },
       {"fid", "precision", "recall", "high_quality_share"}},
      {"protocol.resize",
       [](FakeTrial& t) { t.protocol["resize"] = "none"; },
       {"fid", "precision", "recall", "high_quality_share"}},
      {"protocol.measures.precision.k",
       [](FakeTrial& t) {
         t.protocol["measures"] = {{"precision", {{"k", 3}}}};
       },
       {"precision"}},
      {"checkpoints.protocol.n_fake",
       [](FakeTrial& t) { t.checkpoints[0]["protocol"]["n_fake"] = 500; },
       {"fid_best"}},
  };
  return rows;
}

}  // namespace

TEST_CASE("each protocol field is named for the measures it governs, and for no other",
          "[fast][compare]") {
  const Record reference = test::make_record(compared_trial());
  for (const auto& change : changes()) {
    FakeTrial trial = compared_trial();
    trial.candidate = "wgan";
    trial.seed = 7;
    change.apply(trial);
    const Record other = test::make_record(trial);
    for (const auto& measure : compared_measures()) {
      CAPTURE(change.field, measure);
      const auto found = protocol_difference(reference, other, measure);
      const auto& spoiled = change.spoiled;
      if (std::find(spoiled.begin(), spoiled.end(), measure) == spoiled.end()) {
        CHECK_FALSE(found.has_value());
      } else {
        REQUIRE(found.has_value());
        CHECK(found->field == change.field);
        CHECK(found->first != found->second);
      }
    }
  }
}

TEST_CASE("seeds, dates, commits and candidates are not protocol", "[fast][compare]") {
  const Record reference = test::make_record(compared_trial());
  FakeTrial trial = compared_trial();
  trial.candidate = "sngan";
  trial.seed = 3;
  trial.date = "2027-12-31T00:00:00Z";
  trial.commit = "fedcba98";
  trial.plan = "paper";
  const Record other = test::make_record(trial);
  for (const auto& measure : compared_measures()) {
    CAPTURE(measure);
    CHECK_FALSE(protocol_difference(reference, other, measure).has_value());
  }
}

TEST_CASE("mixing is refused with measure, field and both values", "[fast][compare]") {
  FakeTrial trial = compared_trial();
  const Record a = test::make_record(trial);
  trial.seed = 1;
  trial.detector = "inception";
  const Record b = test::make_record(trial);
  const std::vector<const Record*> both = {&a, &b};
  CHECK_NOTHROW(require_one_protocol(both, {"parameters_g"}));
  const auto thrown = thrown_by([&] { require_one_protocol(both, {"parameters_g", "fid"}); });
  CHECK(thrown.kind == ErrorKind::kProtocol);
  CHECK(Error(thrown.kind, "").exit_status() == 4);
  CHECK(contains(
      thrown.message,
      "[fid] expected one protocol in every record, got protocol.detector 'judge-cifar10' in "
      "dcgan-cifar10-s0 and 'inception' in dcgan-cifar10-s1; "));
}

TEST_CASE("how a generator was asked is no protocol, how many samples it gave is",
          "[fast][compare]") {
  auto trial = compared_trial();
  trial.measures = {{"fid_unseen", 20.0}, {"own_instance_share", 0.2}};
  auto told = test::make_record(trial), as_they_come = told, fewer = told;
  const auto set = [](Record& record, const char* words, int count) {
    record.measures.protocol["measures"] = {{"fid_unseen", {{"n_fake", 2000}, {"samples", words}}},
                                            {"own_instance_share", {{"samples", count}}}};
  };
  set(told, "conditioned on unseen instances", 2000);
  set(as_they_come, "as they come", 2000);
  set(fewer, "conditioned on unseen instances", 500);
  CHECK_FALSE(protocol_difference(told, as_they_come, "fid_unseen"));
  const auto difference = protocol_difference(told, fewer, "own_instance_share");
  REQUIRE(difference);
  CHECK(contains(difference->field, "own_instance_share.samples"));
}

TEST_CASE("a value that is missing has no protocol to differ in", "[fast][compare]") {
  FakeTrial trial = compared_trial();
  const Record a = test::make_record(trial);
  trial.detector = "inception";
  trial.measures = {{"fid", std::nullopt}};
  CHECK_FALSE(protocol_difference(a, test::make_record(trial), "fid").has_value());
  trial.steps = 300;
  CHECK(protocol_difference(a, test::make_record(trial), "fid")->field == "budget.steps");
}

TEST_CASE("a configuration is everything but the seed and the watching", "[fast][compare]") {
  const Record reference = test::make_record(compared_trial());
  FakeTrial trial = compared_trial();
  trial.seed = 5;
  trial.device = "cuda:0";
  trial.settings["evaluation_interval"] = 10;
  CHECK(configuration_key(test::make_record(trial)) == configuration_key(reference));

  Json reworded = fake_record(compared_trial());
  reworded["candidate"]["source"] = "said in other words";
  CHECK(configuration_key(parse_record(reworded, "r")) == configuration_key(reference));

  trial.settings["lr_g"] = 1e-3;
  CHECK(configuration_key(test::make_record(trial)) != configuration_key(reference));
  const auto found = configuration_difference(reference, test::make_record(trial));
  REQUIRE(found.has_value());
  CHECK(found->field == "settings.lr_g");
  CHECK(found->first == "absent");

  Json other = fake_record(compared_trial());
  other["candidate"]["optimizer"] = {{"kind", "adam"}, {"lr", 0.1}};
  CHECK(configuration_key(parse_record(other, "r")) != configuration_key(reference));
}

TEST_CASE("groups hold the seeds of one configuration in order", "[fast][compare]") {
  std::vector<Record> records;
  for (const std::uint64_t seed : {2, 0, 1})
    records.push_back(test::make_record("wgan", seed, {{"fid", 1.0}}));
  records.push_back(test::make_record("dcgan", 0, {{"fid", 2.0}}));
  FakeTrial tuned;
  tuned.candidate = "wgan";
  tuned.settings = {{"lr_d", 0.1}};
  records.push_back(test::make_record(tuned));
  const auto groups = group_by_configuration(records);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].records.front()->candidate.name == "dcgan");
  const auto& wgan = groups[1].records.size() == 3 ? groups[1] : groups[2];
  REQUIRE(wgan.records.size() == 3);
  for (std::uint64_t seed = 0; seed < 3; ++seed) CHECK(wgan.records[seed]->seed == seed);
}

TEST_CASE("a filter keeps the records that meet every limit", "[fast][compare]") {
  FakeTrial trial;
  std::vector<Record> records = {test::make_record(trial)};
  trial.plan = "paper";
  records.push_back(test::make_record(trial));
  trial.steps = 50000;
  records.push_back(test::make_record(trial));
  CHECK(filter_records(records, {}).size() == 3);
  CHECK(filter_records(records, {.plan = "paper"}).size() == 2);
  CHECK(filter_records(records, {.plan = "paper", .steps = 50000}).size() == 1);
  CHECK(filter_records(records, {.dataset = "mnist"}).empty());
  CHECK(filter_records(records, {.detector = "judge-cifar10", .width = 0.25}).size() == 3);
}
