#include "results/records/record.h"

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "results/records/record_protocols.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/json_schema.h"

using namespace ganselect;
using test::contains;
using test::fake_record;
using test::FakeTrial;
using test::make_record;
using test::thrown_by;

namespace {

// A record with every optional part in use.
Json full_record() {
  FakeTrial trial;
  trial.candidate = "fgan-kl";
  trial.seed = 18446744073709551615ULL;
  trial.versions = RecordVersions{.training = 2, .evaluation = 7};
  trial.measures = {{"fid", 31.25}, {"kid_mean", std::nullopt}, {"parameters_g", 1234567.0}};
  trial.status = "collapsed";
  trial.status_step = 120;
  trial.status_reason = "FID more than twice its best";
  trial.checkpoints = {
      {{"step", 100},
       {"seconds", 1.5},
       {"measures", {{"fid", 40.0}}},
       {"protocol", {{"n_fake", 2000}}},
       {"reason", Json::object()},
       {"warnings", Json::array()}},
      {{"step", 200},
       {"seconds", 3.0},
       {"full", true},
       {"measures", {{"fid", 31.25}, {"kid_mean", nullptr}, {"modes", nullptr}}},
       {"protocol", {{"n_fake", 2000}}},
       {"reason", {{"kid_mean", "left out on purpose"}, {"modes", "a reason of its own"}}},
       {"warnings", Json::array()}}};
  trial.files = {{"curve", "curve.csv"}, {"samples", "samples.png"}};
  Json json = fake_record(trial);
  json["warnings"].push_back({{"code", "few"}, {"measure", "fid"}, {"message", "few samples"}});
  json["measures_by_detector"]["pixels"] = {{"measures", {{"fid", 12.5}, {"modes", nullptr}}},
                                            {"protocol", {{"detector", "pixels"}}},
                                            {"reason", {{"modes", "tells no classes"}}},
                                            {"warnings", Json::array()}};
  json["added_later"] = {{"kept", true}};
  return json;
}

struct BadRecord {
  std::string name;
  std::function<void(Json&)> spoil;
  std::string key;  // that the message must name
};

// Faults that the reader and the schema must both see.
const std::vector<BadRecord>& bad_records() {
  static const std::vector<BadRecord> rows = {
      {"no schema version", [](Json& j) { j.erase("schema_version"); }, "schema_version"},
      {"version zero", [](Json& j) { j["schema_version"] = 0; }, "schema_version"},
      {"newer version", [](Json& j) { j["schema_version"] = 2; }, "schema_version"},
      {"version as text", [](Json& j) { j["schema_version"] = "1"; }, "schema_version"},
      {"other kind", [](Json& j) { j["kind"] = "sweep"; }, "kind"},
      {"no trial id", [](Json& j) { j.erase("trial_id"); }, "trial_id"},
      {"empty trial id", [](Json& j) { j["trial_id"] = ""; }, "trial_id"},
      {"plan as number", [](Json& j) { j["plan"] = 3; }, "plan"},
      {"candidate as text", [](Json& j) { j["candidate"] = "dcgan"; }, "candidate"},
      {"no loss", [](Json& j) { j["candidate"].erase("loss"); }, "candidate.loss"},
      {"regularization as text", [](Json& j) { j["candidate"]["regularization"] = "r1"; },
       "candidate.regularization"},
      {"regularization of numbers", [](Json& j) { j["candidate"]["regularization"] = {1}; },
       "candidate.regularization"},
      {"table 8",
       [](Json& j) {
         j["candidate"]["tables"] = {1, 8};
       },
       "candidate.tables"},
      {"same training as number", [](Json& j) { j["candidate"]["same_training"] = 1; },
       "candidate.same_training"},
      {"extension as number", [](Json& j) { j["candidate"]["extension"] = 0; },
       "candidate.extension"},
      {"settings as array", [](Json& j) { j["settings"] = Json::array(); }, "settings"},
      {"negative seed", [](Json& j) { j["seed"] = -1; }, "seed"},
      {"seed as fraction", [](Json& j) { j["seed"] = 1.5; }, "seed"},
      {"no budget", [](Json& j) { j.erase("budget"); }, "budget"},
      {"negative steps", [](Json& j) { j["budget"]["steps"] = -5; }, "budget.steps"},
      {"batch of none", [](Json& j) { j["budget"]["batch"] = 0; }, "budget.batch"},
      {"width zero", [](Json& j) { j["budget"]["width"] = 0.0; }, "budget.width"},
      {"no data digest", [](Json& j) { j["dataset"].erase("digest"); }, "dataset.digest"},
      {"count as text", [](Json& j) { j["dataset"]["count"] = "50000"; }, "dataset.count"},
      {"images seen as fraction", [](Json& j) { j["budget"]["images_seen"] = 1.5; },
       "budget.images_seen"},
      {"shape as number", [](Json& j) { j["dataset"]["shape"] = 3; }, "dataset.shape"},
      {"shape of zero", [](Json& j) { j["dataset"]["shape"][1] = 0; }, "dataset.shape"},
      {"shape of nothing", [](Json& j) { j["dataset"]["shape"] = Json::array(); }, "dataset.shape"},
      {"modes as text", [](Json& j) { j["dataset"]["modes"] = "10"; }, "dataset.modes"},
      {"no modes", [](Json& j) { j["dataset"]["modes"] = 0; }, "dataset.modes"},
      {"training version zero", [](Json& j) { j["training_version"] = 0; }, "training_version"},
      {"version of training as text", [](Json& j) { j["training_version"] = "2"; },
       "training_version"},
      {"one version alone", [](Json& j) { j.erase("evaluation_version"); }, "evaluation_version"},
      {"no provenance", [](Json& j) { j.erase("provenance"); }, "provenance"},
      {"unknown status", [](Json& j) { j["status"] = "done"; }, "status"},
      {"status detail missing", [](Json& j) { j.erase("status_detail"); }, "status_detail"},
      {"status step as text", [](Json& j) { j["status_detail"]["step"] = "120"; },
       "status_detail.step"},
      {"measure as text", [](Json& j) { j["measures"]["fid"] = "31.25"; }, "measures.fid"},
      {"measure as true", [](Json& j) { j["measures"]["fid"] = true; }, "measures.fid"},
      {"no protocol", [](Json& j) { j.erase("protocol"); }, "protocol"},
      {"reason as number", [](Json& j) { j["reason"]["kid_mean"] = 1; }, "reason.kid_mean"},
      {"protocols as array", [](Json& j) { j["protocols"] = Json::array(); }, "protocols"},
      {"protocol as number", [](Json& j) { j["checkpoints"][0]["protocol"] = 7; },
       "checkpoints[0].protocol"},
      {"warnings as text", [](Json& j) { j["warnings"] = "few"; }, "warnings"},
      {"no checkpoints", [](Json& j) { j.erase("checkpoints"); }, "checkpoints"},
      {"checkpoint as number", [](Json& j) { j["checkpoints"][1] = 200; }, "checkpoints[1]"},
      {"checkpoint without step", [](Json& j) { j["checkpoints"][1].erase("step"); },
       "checkpoints[1].step"},
      {"negative seconds", [](Json& j) { j["checkpoints"][0]["seconds"] = -1.0; },
       "checkpoints[0].seconds"},
      {"checkpoint full as text", [](Json& j) { j["checkpoints"][0]["full"] = "yes"; },
       "checkpoints[0].full"},
      {"other detector as number", [](Json& j) { j["measures_by_detector"]["pixels"] = 7; },
       "measures_by_detector.pixels"},
      {"other detector without protocol",
       [](Json& j) { j["measures_by_detector"]["pixels"].erase("protocol"); },
       "measures_by_detector.pixels.protocol"},
      {"other detector's measure as text",
       [](Json& j) { j["measures_by_detector"]["pixels"]["measures"]["fid"] = "1"; },
       "measures_by_detector.pixels.measures.fid"},
      {"file as number", [](Json& j) { j["files"]["curve"] = 7; }, "files.curve"},
  };
  return rows;
}

// Faults of which a schema cannot speak.
const std::vector<BadRecord>& bad_beyond_schema() {
  static const std::vector<BadRecord> rows = {
      {"protocol that is not in the table",
       [](Json& j) {
         j["protocols"] = {{"p1", Json::object()}};
         j["checkpoints"][1]["protocol"] = "p2";
       },
       "checkpoints[1].protocol"},
      {"protocol by name without a table", [](Json& j) { j["protocol"] = "p1"; }, "protocol"},
      {"steps too large", [](Json& j) { j["budget"]["steps"] = 9223372036854775808ULL; },
       "budget.steps"},
      {"file outside", [](Json& j) { j["files"]["curve"] = "../curve.csv"; }, "files.curve"},
      {"file of the root", [](Json& j) { j["files"]["curve"] = "/etc/passwd"; }, "files.curve"},
      {"checkpoints out of order", [](Json& j) { j["checkpoints"][1]["step"] = 100; },
       "checkpoints[1].step"},
      {"null without reason in a finished trial",
       [](Json& j) {
         j["status"] = "finished";
         j["reason"].erase("kid_mean");
       },
       "reason.kid_mean"},
  };
  return rows;
}

}  // namespace

TEST_CASE("a record is the same after reading and writing", "[fast][record]") {
  const Json json = full_record();
  const Record record = parse_record(json, "record.json");
  // As it was written by hand, but for the protocols, which to_json shares.
  Json spread = to_json(record);
  spread_protocols(spread, "record.json");
  CHECK(nlohmann::json::parse(spread.dump()) == nlohmann::json::parse(json.dump()));
  CHECK(to_json(parse_record(to_json(record), "again")).dump() == to_json(record).dump());
}

TEST_CASE("a record with versions writes each protocol once", "[fast][record]") {
  const Json json = to_json(parse_record(full_record(), "record.json"));
  const Json& table = json.at("protocols");
  REQUIRE(table.size() == 3);  // the record's, both checkpoints', the further detector's
  CHECK(json.at("protocol") == "p1");
  CHECK(table.at("p1").at("detector") == "judge-cifar10");
  CHECK(json.at("measures_by_detector").at("pixels").at("protocol") == "p2");
  CHECK(table.at("p2").at("detector") == "pixels");
  CHECK(json.at("checkpoints")[0].at("protocol") == "p3");
  CHECK(json.at("checkpoints")[1].at("protocol") == "p3");
  const Record read = parse_record(json, "again");
  CHECK(read.checkpoints[1].measures.protocol.at("n_fake") == 2000);
  CHECK(read.measures.protocol.at("detector") == "judge-cifar10");
  // The checkpoint's reason is the record's own, its other one is not.
  CHECK(json.at("checkpoints")[1].at("reason") == Json{{"modes", "a reason of its own"}});
  CHECK(read.checkpoints[1].measures.reason.at("kid_mean") == "left out on purpose");
  CHECK(read.checkpoints[1].measures.reason.at("modes") == "a reason of its own");
  // Records from before there were versions are written as they were.
  FakeTrial old;
  old.measures = {{"fid", 1.0}};
  CHECK(to_json(make_record(old)).at("protocol").is_object());
}

TEST_CASE("a record's parts are typed", "[fast][record]") {
  const Record record = parse_record(full_record(), "record.json");
  CHECK(record.seed == 18446744073709551615ULL);
  CHECK(record.plan == "smoke");
  CHECK(record.candidate.divergence == "kl");
  CHECK(record.candidate.tables == std::vector<int>{1, 5});
  CHECK(record.budget.steps == 200);
  CHECK(record.budget.images_seen == 200 * 64);
  CHECK(record.dataset.shape == std::vector<std::int64_t>{3, 32, 32});
  CHECK(record.dataset.modes == 10);
  Json one = to_json(record);
  one["dataset"]["modes"] = 1;
  one["dataset"]["shape"] = {1, 1, 1};
  CHECK(parse_record(one, "one").dataset.modes == 1);
  REQUIRE(record.versions);
  CHECK(record.versions->training == 2);
  CHECK(record.versions->evaluation == 7);
  CHECK(record.status == TrialStatus::kCollapsed);
  CHECK(record.status_detail.step == 120);
  CHECK(record.measure("fid") == 31.25);
  CHECK_FALSE(record.measure("kid_mean").has_value());
  CHECK(record.missing_reason("kid_mean") == "left out on purpose");
  CHECK(record.missing_reason("recall") == "collapsed at step 120");
  REQUIRE(record.checkpoints.size() == 2);
  CHECK(record.checkpoints[1].measures.value("fid") == 31.25);
  CHECK_FALSE(record.checkpoints[0].full);
  CHECK(record.checkpoints[1].full);
  CHECK(record.measures_by_detector.at("pixels").value("fid") == 12.5);
  CHECK(record.measures_by_detector.at("pixels").reason.at("modes") == "tells no classes");
  CHECK(record.files.at("curve") == "curve.csv");
  CHECK(record.extra.at("added_later").at("kept") == true);
}

TEST_CASE("every fault of a record is refused with file and key", "[fast][record]") {
  std::vector<BadRecord> all = bad_records();
  all.insert(all.end(), bad_beyond_schema().begin(), bad_beyond_schema().end());
  for (const auto& row : all) {
    CAPTURE(row.name);
    Json json = full_record();
    row.spoil(json);
    const auto thrown = thrown_by([&] { parse_record(json, "some/record.json"); });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK(contains(thrown.message, "[some/record.json: " + row.key + "] expected "));
    CHECK(contains(thrown.message, ", got "));
  }
  CHECK(thrown_by([] { parse_record(Json::array(), "x.json"); }).kind == ErrorKind::kData);
}

TEST_CASE("the newer version says what to do", "[fast][record]") {
  Json json = full_record();
  json["schema_version"] = 2;
  CHECK(thrown_by([&] { parse_record(json, "r"); }).message ==
        "[r: schema_version] expected at most 1, got 2; the record was written by a newer "
        "ganselect: update this one");
}

TEST_CASE("a trial that ran to its end and was measured as collapsed is a collapsed one",
          "[fast][record]") {
  FakeTrial trial;
  trial.measures["collapsed"] = 0.0;
  CHECK(outcome_of(test::make_record(trial)) == TrialStatus::kFinished);
  CHECK_FALSE(outcome_reason(test::make_record(trial)));
  trial.measures["collapsed"] = 1.0;
  CHECK(outcome_of(test::make_record(trial)) == TrialStatus::kCollapsed);
  CHECK(test::contains(*outcome_reason(test::make_record(trial)), "twice its best"));
  trial.status = "diverged";
  trial.status_reason = "a loss is not finite";
  CHECK(outcome_of(test::make_record(trial)) == TrialStatus::kDiverged);
  CHECK(outcome_reason(test::make_record(trial)) == "a loss is not finite");
}

TEST_CASE("the JSON Schema and the reader agree on every record", "[fast][record][schema]") {
  Json documents = {{"full", full_record()},
                    {"written", to_json(parse_record(full_record(), "record.json"))},
                    {"plain", fake_record("dcgan", 0, {{"fid", 1.0}})}};
  for (const auto& row : bad_records()) {
    documents[row.name] = full_record();
    row.spoil(documents[row.name]);
  }
  const auto verdicts = test::schema_verdicts("results/records/record.schema.json", documents);
  if (!verdicts) SKIP("python3 has no jsonschema package");
  REQUIRE(verdicts->size() == documents.size());
  CHECK(verdicts->at("full") == "valid");
  CHECK(verdicts->at("written") == "valid");
  CHECK(verdicts->at("plain") == "valid");
  for (const auto& row : bad_records()) {
    CAPTURE(row.name);
    CHECK(verdicts->at(row.name) != "valid");
  }
}
