#include "results/records/seen_by.h"

#include <catch2/catch_test_macros.hpp>

#include "results/records/compare.h"
#include "results/records/groups.h"
#include "tests/support/fake_records.h"

namespace ganselect {
namespace {

// Measured by the judge, and by a general detector that knows no class of the data.
Record twice_measured(const std::string& candidate = "dcgan", bool both = true) {
  test::FakeTrial trial;
  trial.candidate = candidate;
  trial.measures = {{"fid", 39.0},         {"recall", 0.25},  {"coverage", std::nullopt},
                    {"modes", 10.0},       {"mode_kl", 0.1},  {"inception_score_1split", 2.2},
                    {"train_seconds", 30}, {"fid_best", 38.0}};
  Json json = test::fake_record(trial);
  if (both) {
    json["measures_by_detector"][kGeneralDetector] = {
        {"measures",
         {{"fid", 1500.0},
          {"recall", nullptr},
          {"coverage", 0.5},
          {"modes", nullptr},
          {"inception_score_1split", 43.0}}},
        {"protocol", {{"detector", kGeneralDetector}, {"detector_digest", "b"}, {"n_fake", 5000}}},
        {"reason", {{"recall", "too few"}, {"modes", "other classes"}}},
        {"warnings", Json::array()}};
  }
  return parse_record(json, "twice");
}

TEST_CASE("Another detector's values replace those that rest on features alone", "[fast]") {
  const Record record = twice_measured();
  const auto seen = seen_by(record, kGeneralDetector);
  REQUIRE(seen);
  CHECK(seen->measure("fid") == 1500.0);
  CHECK(seen->measure("coverage") == 0.5);
  CHECK_FALSE(seen->measure("recall"));
  CHECK(seen->missing_reason("recall") == "too few");
  // Classes of the data, the curve and costs stay.
  CHECK(seen->measure("modes") == 10.0);
  CHECK(seen->measure("mode_kl") == 0.1);
  CHECK(seen->measure("inception_score_1split") == 2.2);
  CHECK(seen->measure("train_seconds") == 30.0);
  CHECK(seen->measure("fid_best") == 38.0);
}

TEST_CASE("Every measure keeps the protocol that it is of", "[fast]") {
  const auto seen = seen_by(twice_measured(), kGeneralDetector);
  REQUIRE(seen);
  const Measures& measures = seen->measures;
  CHECK(measures.protocol_of("fid").at("detector") == kGeneralDetector);
  CHECK(measures.protocol_of("coverage").at("n_fake") == 5000);
  for (const char* name : {"modes", "mode_kl", "inception_score_1split"}) {
    CAPTURE(name);
    CHECK(measures.protocol_of(name).at("detector") == "judge-cifar10");
    CHECK(measures.apart.contains(name));
  }
  CHECK_FALSE(measures.apart.contains("fid"));
  CHECK(display_name("modes", measures.protocol_of("modes")) == "modes[judge-cifar10]");
  const Json of_group = {{"detector", kGeneralDetector},
                         {"apart", {{"detector", "judge-cifar10"}, {"measures", measures.apart}}}};
  CHECK(display_name("fid", of_group) == std::string("fid[") + kGeneralDetector + "]");
  CHECK(display_name("modes", of_group) == "modes[judge-cifar10]");
}

TEST_CASE("What one detector saw is not pooled with what another did", "[fast]") {
  const std::vector<Record> records = {twice_measured("dcgan"), twice_measured("lsgan"),
                                       twice_measured("wgan", false)};
  CHECK_FALSE(seen_by(records[2], kGeneralDetector));
  CHECK_FALSE(seen_by(records[0], "inception"));
  const auto seen = all_seen_by(records, kGeneralDetector);
  REQUIRE(seen.size() == 3);
  CHECK(seen[2].measure("fid") == 39.0);
  CHECK_FALSE(protocol_difference(seen[0], seen[1], "fid"));
  CHECK(protocol_difference(seen[0], seen[2], "fid"));
  CHECK_FALSE(protocol_difference(seen[0], seen[2], "modes"));  // both are the judge's
  CHECK(measures_difference(seen[0], seen[2], {"fid", "modes"}));
  CHECK(comparable_groups(seen, false).size() == 2);
  CHECK(comparable_groups(records, false).size() == 1);
}

TEST_CASE("Either protocol parts two trials, each for its own measures", "[fast]") {
  const auto seen = *seen_by(twice_measured(), kGeneralDetector);
  const auto part = [&](const std::string& measure, auto change) {
    Record other = seen;
    change(other.measures);
    const auto found = measures_difference(seen, other, {measure});
    return found ? found->field : "none";
  };
  const auto by_general = [](Measures& m) { m.protocol["detector_digest"] = "other"; };
  const auto by_judge = [](Measures& m) { m.protocol_apart["detector_digest"] = "other"; };
  CHECK(part("coverage", by_general) != "none");
  CHECK(part("modes", by_general) == "none");
  CHECK(part("coverage", by_judge) == "none");
  CHECK(part("modes", by_judge) != "none");
  CHECK(part("coverage", [](Measures&) {}) == "none");
}

}  // namespace
}  // namespace ganselect
