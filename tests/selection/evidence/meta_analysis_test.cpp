#include "selection/evidence/meta_analysis.h"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "selection/evidence/arm_variances.h"
#include "selection/evidence/simulated_networks.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

NetworkArm arm_of(const std::string& treatment, double y, double variance) {
  NetworkArm arm{treatment, y};
  arm.variance = variance;
  return arm;
}

std::vector<NetworkStudy> golden_studies(const Json& rows) {
  std::vector<NetworkStudy> studies;
  for (const auto& row : rows) {
    const std::string id = row.at("study");
    if (studies.empty() || studies.back().id != id)
      studies.push_back({id, row.at("source"), row.at("own"), {}});
    studies.back().arms.push_back(arm_of(row.at("treatment"), row.at("y"), row.at("v")));
  }
  return studies;
}

// Every contrast of two fits, and their taus, are the same to rounding.
void check_same(const NetworkEstimate& one, const NetworkEstimate& other) {
  REQUIRE(one.part().treatments == other.part().treatments);
  // Variances of two searches agree to 1e-9 of themselves, contrasts more closely.
  CHECK_THAT(other.heterogeneity().tau_source2, WithinAbs(one.heterogeneity().tau_source2, 1e-7));
  CHECK_THAT(other.heterogeneity().tau_study2, WithinAbs(one.heterogeneity().tau_study2, 1e-7));
  const auto& names = one.part().treatments;
  for (const auto& name : names) {
    const auto a = one.contrast(name, names.front()), b = other.contrast(name, names.front());
    CHECK_THAT(b.difference, WithinAbs(a.difference, 1e-7));
    CHECK_THAT(b.standard_error.value(), WithinAbs(a.standard_error.value(), 1e-7));
  }
}

TEST_CASE("Effects, taus and plain errors are those of metafor's rma.mv", "[fast][meta]") {
  const Json golden =
      read_json_file(std::string(GANSELECT_TEST_DIR) + "/golden/meta_analysis.json");
  REQUIRE(golden.at("cases").size() == 3);
  for (const auto& one : golden.at("cases")) {
    INFO(one.at("name"));
    const auto fit = fit_network(golden_studies(one.at("data")));
    REQUIRE(fit.parts.size() == 1);
    const auto& part = fit.parts.front();
    const auto& h = part.heterogeneity();
    const Json& expected = one.at("expected");
    // metafor's search for tau^2 ends within 3e-7 of the maximum.
    CHECK_THAT(h.tau_source2, WithinAbs(expected.at("tau_source2").get<double>(), 1e-6));
    CHECK_THAT(h.tau_study2, WithinAbs(expected.at("tau_study2").get<double>(), 1e-6));
    CHECK(h.tau_own2.has_value() == !expected.at("tau_own2").is_null());
    if (h.tau_own2) CHECK_THAT(*h.tau_own2, WithinAbs(expected.at("tau_own2").get<double>(), 1e-6));
    CHECK(h.degrees == expected.at("degrees").get<int>());
    CHECK_THAT(h.cochran_q, WithinAbs(expected.at("cochran_q").get<double>(), 1e-6));
    const auto& theta = expected.at("theta");
    for (std::size_t i = 0; i < theta.size(); ++i) {
      const auto contrast = part.contrast(std::string(1, static_cast<char>('b' + i)), "a");
      CHECK_THAT(contrast.difference, WithinAbs(theta[i].get<double>(), 1e-6));
      CHECK_THAT(contrast.plain_error,
                 WithinAbs(std::sqrt(expected.at("covariance")[i][i].get<double>()), 1e-6));
    }
    CHECK_THAT(part.theta().sum(), WithinAbs(0.0, 1e-12));
  }
}

TEST_CASE("The order of studies and arms and the levels of studies change nothing",
          "[fast][meta]") {
  const auto network = simulated_network({}, 5);
  const auto plain = fit_network(network.studies);
  auto turned = network.studies;
  std::reverse(turned.begin(), turned.end());
  for (auto& study : turned) std::reverse(study.arms.begin(), study.arms.end());
  for (std::size_t s = 0; s < turned.size(); ++s) {
    for (auto& arm : turned[s].arms) arm.y += 0.7 * static_cast<double>(s) - 3.0;
  }
  check_same(plain.parts.front(), fit_network(turned).parts.front());
}

TEST_CASE("A study that nothing joins changes nothing of the others and is named", "[fast][meta]") {
  const auto network = simulated_network({}, 6);
  auto more = network.studies;
  more.push_back({"apart",
                  "source-0",
                  false,
                  {arm_of("x1", 1.0, 0.1), arm_of("x2", 9.0, 0.4), arm_of("x3", 4.0, 0.2)}});
  const auto fit = fit_network(more);
  REQUIRE(fit.parts.size() == 2);
  check_same(fit_network(network.studies).parts.front(), fit.parts.front());
  REQUIRE(fit.notes.size() == 1);
  CHECK_THAT(fit.notes.front(), ContainsSubstring("x1, x2, x3"));
  // Inside the study alone there is a contrast and no way to tell its error.
  const auto contrast = fit.contrast("x2", "x1");
  CHECK_THAT(contrast.difference, WithinAbs(8.0, 1e-12));
  CHECK_FALSE(contrast.standard_error.has_value());
  CHECK_FALSE(contrast.interval95.has_value());
  CHECK_THROWS_MATCHES(
      fit.contrast("x1", "t0"), Error,
      MessageMatches(ContainsSubstring("a chain of studies that joins x1 and t0") &&
                     ContainsSubstring("two networks")));
  CHECK_THROWS_MATCHES(fit.contrast("t9", "t0"), Error,
                       MessageMatches(ContainsSubstring("got 't9'; did you mean")));
}

TEST_CASE("A study said twice by one source counts less than two sources", "[fast][meta]") {
  auto network = simulated_network({.tau_source = 0.5, .tau_study = 0.1}, 7);
  NetworkStudy study{
      "new", "newcomer", false, {arm_of("t0", 1.0, 0.001), arm_of("t3", 1.4, 0.001)}};
  const auto error_with = [&](const std::string& second) {
    auto studies = network.studies;
    studies.push_back(study);
    if (!second.empty()) {
      studies.push_back(study);
      studies.back().id = "again";
      studies.back().source = second;
    }
    const auto fit = fit_network(studies);
    REQUIRE(fit.parts.front().heterogeneity().tau_source2 > 0.02);
    return fit.contrast("t0", "t3").plain_error;
  };
  const double once = error_with(""), same = error_with("newcomer"), other = error_with("another");
  CHECK(other < 0.95 * once);
  CHECK(same > once - 0.5 * (once - other));
}

TEST_CASE("Direct and indirect evidence are what studies say with and without the pair",
          "[fast][meta]") {
  // Equal variances and one study an edge and source: direct is a - b of the two studies of a and
  // b, indirect a - c less b - c of the others, each a plain mean.
  std::vector<NetworkStudy> studies;
  const auto add = [&](const std::string& one, const std::string& two, double difference) {
    const std::string id = "s" + std::to_string(studies.size());
    studies.push_back({id, id, false, {arm_of(one, difference, 0.04), arm_of(two, 0.0, 0.04)}});
  };
  add("a", "b", 1.3);
  add("a", "b", 0.9);
  add("a", "c", 0.5);
  add("a", "c", 0.2);
  add("b", "c", -0.1);
  add("b", "c", -0.5);
  const auto fit = fit_network(studies);
  const auto split = fit.parts.front().split("a", "b");
  CHECK(split.studies == 2);
  CHECK(split.sources == 2);
  CHECK_THAT(split.direct.value(), WithinAbs(1.1, 1e-9));
  CHECK_THAT(split.indirect.value(), WithinAbs(0.35 + 0.3, 1e-9));
  // Half of the studies say each; the indirect way is two steps and has twice the variance.
  CHECK_THAT(*split.indirect_error / *split.direct_error, WithinAbs(std::sqrt(2.0), 1e-6));
  const double joint = (2.0 * 1.1 + 0.65) / 3.0;
  CHECK_THAT(fit.contrast("a", "b").difference, WithinAbs(joint, 1e-9));
  CHECK(split.inconsistency_p.value() > 0.05);
  // The other way round the signs turn.
  CHECK_THAT(fit.parts.front().split("b", "a").indirect.value(), WithinAbs(-0.65, 1e-9));
  add("c", "d", 0.3);
  add("c", "d", 0.1);
  const auto wider = fit_network(studies);
  const auto only_indirect = wider.parts.front().split("a", "d");
  CHECK_FALSE(only_indirect.direct.has_value());
  CHECK(only_indirect.indirect.has_value());
  const auto only_direct = wider.parts.front().split("c", "d");
  CHECK_THAT(only_direct.direct.value(), WithinAbs(0.2, 1e-9));
  CHECK_FALSE(only_direct.indirect.has_value());
}

TEST_CASE("What is foretold of a new training is wider by tau and its seed", "[fast][meta]") {
  const auto network = simulated_network({}, 9);
  auto studies = network.studies;
  const auto& part = fit_network(studies).parts.front();
  const auto contrast = fit_network(studies).contrast("t1", "t2");
  const auto& h = fit_network(studies).parts.front().heterogeneity();
  const double variance = std::pow(*contrast.standard_error, 2);
  const double spread = std::sqrt(variance + h.tau_source2 + h.tau_study2 +
                                  2.0 * fit_network(studies).parts.front().training_variance());
  const double t = student_t_quantile(0.975, h.degrees);
  CHECK_THAT(contrast.prediction95->high - contrast.difference, WithinAbs(t * spread, 1e-9));
  CHECK_THAT(contrast.interval95->high - contrast.difference,
             WithinAbs(t * *contrast.standard_error, 1e-9));
  CHECK((contrast.below.value() > 0.5) == (contrast.difference < 0.0));
  (void)part;
}

TEST_CASE("An arm without a deviation has the common one, and that is said", "[fast][meta]") {
  auto network = simulated_network({}, 10);
  for (auto& study : network.studies) study.arms.front().variance.reset();
  const auto given =
      fit_network(network.studies, {.training_variance = 0.09, .variance_from = "made up"});
  const auto& notes = given.parts.front().notes();
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes.front(), ContainsSubstring("taken as 0.300 (made up)"));
  for (auto& study : network.studies) study.arms.front().variance = 0.09;
  check_same(fit_network(network.studies).parts.front(), given.parts.front());
  for (auto& study : network.studies) {
    for (auto& arm : study.arms) arm.variance.reset();
  }
  const auto none = fit_network(network.studies);
  CHECK_THAT(none.parts.front().notes().front(), ContainsSubstring("holds the seeds too"));
  CHECK(none.parts.front().heterogeneity().tau_study2 > 0.0);
}

TEST_CASE("Studies that cannot be are refused by name", "[fast][meta]") {
  const std::vector<NetworkStudy> twice = {{"s", "x", false, {}}, {"s", "y", false, {}}};
  CHECK_THROWS_MATCHES(fit_network(twice), Error, MessageMatches(ContainsSubstring("'s' twice")));
  const std::vector<NetworkStudy> below = {{"s", "x", false, {arm_of("a", 1.0, -0.5)}}};
  CHECK_THROWS_MATCHES(
      fit_network(below), Error,
      MessageMatches(ContainsSubstring("study s: a") && ContainsSubstring("-0.5")));
  const std::vector<NetworkStudy> infinite = {{"s", "x", false, {arm_of("a", INFINITY, 0.5)}}};
  CHECK_THROWS_MATCHES(fit_network(infinite), Error,
                       MessageMatches(ContainsSubstring("a finite y")));
}

TEST_CASE("Intervals hold the truth of simulated networks as often as they say", "[fast][meta]") {
  const auto coverage = simulated_coverage(200);
  INFO(coverage_to_text(coverage));
  // Intervals of one network hold or miss together: 200 draws at most differ by 3 x 0.0154.
  CHECK_THAT(coverage.share, WithinAbs(0.95, 0.046));
  // Taken as independent, studies of one source make intervals that are too short.
  CHECK(coverage.share_as_independent < coverage.share - 0.02);
}

TEST_CASE("95 % intervals hold 93 to 97 % on a thousand simulated networks", "[slow][meta]") {
  const auto coverage = simulated_coverage(1000);
  INFO(coverage_to_text(coverage));
  CHECK_THAT(coverage.share, WithinAbs(0.95, 0.02));
}

TEST_CASE("The common deviation is the middle one, whatever the order of arms", "[fast][meta]") {
  // Of one training: 0.9, 0.1 and 0.02 (twice 0.01).
  const std::vector<NetworkArm> arms = {{.treatment = "a", .variance = 0.9},
                                        {.treatment = "b", .variance = 0.02 / 2, .trainings = 2},
                                        {.treatment = "c", .variance = 0.1},
                                        {.treatment = "d", .trainings = 4}};
  for (const auto& order :
       {std::array{0, 1, 2, 3}, std::array{3, 2, 0, 1}, std::array{1, 0, 3, 2}}) {
    std::vector<const NetworkArm*> given;
    for (const int i : order) given.push_back(&arms[static_cast<std::size_t>(i)]);
    const auto found = arm_variances(given, {});
    CHECK(found.training == 0.1);
    const auto d = std::find(order.begin(), order.end(), 3) - order.begin();
    CHECK(found.of_means(d) == 0.1 / 4);
  }
}

}  // namespace
}  // namespace ganselect
