#include "selection/evidence/agreement.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

NetworkStudy study(const std::string& id, const std::string& source,
                   const std::vector<std::pair<std::string, double>>& fids) {
  NetworkStudy made{.id = id, .source = source};
  for (const auto& [name, fid] : fids) {
    NetworkArm arm;
    arm.treatment = name;
    arm.y = std::log(fid);
    made.arms.push_back(arm);
  }
  return made;
}

// FIDs at half and at the end by the trials' own detector, and at the end by another one.
Record trial(const std::string& name, double half, double end, double other) {
  test::FakeTrial made;
  made.candidate = name;
  made.steps = 400;
  made.measures = {{"fid", end}};
  made.checkpoints = Json::array();
  for (const auto& [step, fid] : {std::pair(200, half), std::pair(400, end)}) {
    made.checkpoints.push_back({{"step", step},
                                {"seconds", step / 10.0},
                                {"full", true},
                                {"measures", {{"fid", fid}}},
                                {"protocol", {{"detector", "judge-cifar10"}}},
                                {"reason", Json::object()},
                                {"warnings", Json::array()}});
  }
  Json json = test::fake_record(made);
  json["measures_by_detector"]["other"] = {{"measures", {{"fid", other}}},
                                           {"protocol", {{"detector", "other"}}},
                                           {"reason", Json::object()},
                                           {"warnings", Json::array()}};
  return parse_record(json, name);
}

// Published: rsgan before dcgan before lsgan.
const std::vector<NetworkStudy> kStudies = {
    study("one", "first", {{"rsgan", 30}, {"dcgan", 40}, {"lsgan", 50}, {"biggan", 10}}),
    study("two", "second", {{"rsgan", 31}, {"dcgan", 42}}),
    study("close", "second", {{"dcgan", 40}, {"lsgan", 42}})};  // 5 % apart: no order

std::vector<Record> records() {
  return {trial("rsgan", 20, 35, 100), trial("dcgan", 30, 30, 200), trial("lsgan", 40, 25, 150)};
}

TEST_CASE("Agreement is counted at every checkpoint and under every detector", "[fast]") {
  const auto all = records();
  const auto evidence = gather_evidence(all, {});
  const auto found = agreement_with(kStudies, evidence, "fid", {.draws = 200});
  REQUIRE(found.rows.size() == 3);
  CHECK(found.rows[0].updates == 200);
  CHECK(found.rows[0].detector == "judge-cifar10");
  CHECK(found.rows[0].share.right == 4);
  CHECK(found.rows[0].share.pairs == 4);
  CHECK_FALSE(found.rows[0].tau);
  // At the end the order is turned round, for the trials' own detector.
  CHECK(found.rows[1].updates == 400);
  CHECK(found.rows[1].share.right == 0);
  CHECK(found.rows[2].detector == "other");
  CHECK(found.rows[2].share.right == 3);  // all but dcgan against lsgan
  CHECK_THAT(found.rows[2].share.share, WithinAbs(0.75, 1e-12));
  // rsgan 35, dcgan 30, lsgan 25 against 100, 200, 150: one pair alike, two not.
  REQUIRE(found.rows[2].tau);
  CHECK_THAT(*found.rows[2].tau, WithinAbs(-1.0 / 3.0, 1e-12));
  CHECK(found.rows[2].candidates == 3);
  CHECK(found.sources == 2);
}

TEST_CASE("Who disagrees is named, the worst first", "[fast]") {
  const auto all = records();
  const auto found = agreement_with(kStudies, gather_evidence(all, {}), "fid", {.draws = 200});
  std::vector<std::string> other;
  for (const auto& one : found.by_candidate) {
    if (one.detector == "other")
      other.push_back(one.candidate + " " + std::to_string(one.right) + "/" +
                      std::to_string(one.pairs));
  }
  CHECK(other == std::vector<std::string>{"lsgan 1/2", "dcgan 2/3", "rsgan 3/3"});
  const auto text = agreement_to_text(found);
  CHECK_THAT(text, ContainsSubstring("3 of 4") && ContainsSubstring("-0.33"));
  const Json json = agreement_to_json(found);
  CHECK(json["rows"][0]["kendall_tau"].is_null());
  CHECK(json["rows"][2]["share"] == 0.75);
}

TEST_CASE("Without a pair in common there is no agreement to state", "[fast]") {
  const auto all = records();
  const std::vector<NetworkStudy> none = {study("x", "y", {{"biggan", 10}, {"rsgan", 20}})};
  try {
    agreement_with(none, gather_evidence(all, {}), "fid");
    FAIL_CHECK("stated");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
  }
}

TEST_CASE("A tie counts for neither order", "[fast]") {
  const std::vector<Record> all = {trial("rsgan", 20, 35, 100), trial("dcgan", 30, 30, 150),
                                   trial("lsgan", 40, 25, 150)};
  const auto found = agreement_with(kStudies, gather_evidence(all, {}), "fid", {.draws = 200});
  REQUIRE(found.rows.at(2).tau);
  CHECK_THAT(*found.rows[2].tau, WithinAbs(-2.0 / 3.0, 1e-12));
}

}  // namespace
}  // namespace ganselect
