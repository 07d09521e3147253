// By which test a claim is decided, and what stands beside the verdict.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "tests/selection/survey/claim_records.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using test::claim_of;
using test::record_of_point;
using test::three_seeds;

TEST_CASE("Three seeds can decide, and the verdict says by which test", "[fast][claims]") {
  const auto verdict = claim_of(three_seeds({20.0, 21.0, 20.5}, {60.0, 61.0, 62.5}), "C9");
  CHECK(verdict.verdict == "supported");
  CHECK(verdict.method == "Student's t");
  CHECK_THAT(*verdict.test.degrees, WithinAbs(2.0, 1e-12));
  CHECK_FALSE(verdict.test.p_sign_flip.has_value());
  CHECK_THAT(verdict.reason, ContainsSubstring("by Student's t with 2.0 degrees"));
  // The mean of the logarithms of 60 / 20, 61 / 21, 62.5 / 20.5.
  const double log_ratio =
      (std::log(60.0 / 20.0) + std::log(61.0 / 21.0) + std::log(62.5 / 20.5)) / 3.0;
  CHECK_THAT(*verdict.test.effect, WithinAbs(1.0 - std::exp(-log_ratio), 1e-12));
  CHECK(verdict.test.scale == "log");
  const auto wavering = claim_of(three_seeds({20.0, 61.0, 20.5}, {60.0, 21.0, 62.5}), "C9");
  CHECK(wavering.verdict == "undecided");
}

TEST_CASE("Ten candidates lend a pair of two seeds their common variance", "[fast][claims]") {
  std::vector<Record> records = three_seeds({20.0, 21.0}, {30.0, 27.0});
  CHECK(claim_of(records, "C9").verdict == "undecided");
  for (int i = 0; i < 12; ++i) {
    const std::string name = "other" + std::to_string(i);
    const double apart = 1.02 + 0.003 * static_cast<double>((i * 5) % 12);
    records.push_back(record_of_point({.name = name, .loss = name}, 0, {{"fid", 40.0 + i}}));
    records.push_back(
        record_of_point({.name = name, .loss = name}, 1, {{"fid", (40.0 + i) * apart}}));
  }
  const auto verdict = claim_of(records, "C9");
  CHECK(verdict.verdict == "supported");
  CHECK(verdict.method == "moderated t");
  CHECK(*verdict.test.degrees > 4.0);
}

TEST_CASE("A gain that is shown not to matter contradicts its claim", "[fast][claims]") {
  const auto verdict = claim_of(three_seeds({40.0, 41.0, 40.5}, {40.1, 40.9, 40.5}), "C9");
  CHECK(verdict.verdict == "contradicted");
  CHECK(verdict.alike);
  CHECK(verdict.method == "two one-sided Student's t");
  CHECK_THAT(verdict.reason, ContainsSubstring("no difference that matters"));
  // A small gain that is shown for itself supports it.
  const auto small = claim_of(three_seeds({40.0, 41.0, 42.0}, {40.8, 41.8, 42.81}), "C9");
  CHECK(small.verdict == "supported");
}

TEST_CASE("The literature's verdict stands beside ours", "[fast][claims]") {
  const auto records = three_seeds({20.0, 21.0, 20.5}, {60.0, 61.0, 62.5});
  const auto evidence = gather_evidence(records, {});
  CHECK(judge_claims(evidence)[8].literature_reason == "no published studies were given");
  const auto verdicts = judge_claims(evidence, [](const std::string& claim) -> LiteratureSaid {
    if (claim != "C9") return {std::nullopt, "no published study compares what it names"};
    return {LiteratureVerdict{
                "contradicted", -0.25, {-0.5, -0.125}, "share of FID", 4, 3, {"A", "B", "C"}},
            ""};
  });
  CHECK(verdicts[8].verdict == "supported");
  const auto json = claims_to_json(verdicts);
  CHECK(json[8]["literature"]["direction"] == "contradicted");
  CHECK(json[8]["literature"]["interval"] == Json::array({-0.5, -0.125}));
  CHECK(json[8]["literature"]["citations"] == Json::array({"A", "B", "C"}));
  CHECK(json[8]["literature_reason"].is_null());
  CHECK(json[0]["literature"].is_null());
  CHECK(json[0]["literature_reason"] == "no published study compares what it names");
  CHECK_THAT(claims_to_text(verdicts),
             ContainsSubstring("published: contradicted, -0.25 share of FID [-0.5, -0.125], 4 "
                               "studies of 3 sources"));
}

}  // namespace
}  // namespace ganselect
