#include "harness/train/stability.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "harness/train/collapse.h"
#include "tests/support/errors.h"

namespace ganselect {

namespace {

std::optional<double> stability_value(const std::vector<CurveRow>& rows, const std::string& name,
                                      const StabilitySettings& settings = {}) {
  for (const auto& measure : stability_measures(rows, settings)) {
    if (measure.name != name) continue;
    CHECK(measure.value.has_value() == measure.reason.empty());
    return measure.value;
  }
  FAIL("no measure " + name);
  return std::nullopt;
}

// Nine rows of ten steps; FID falls to 40 at step 50 and rises to 90.
std::vector<CurveRow> hand_made_rows() {
  const double losses[] = {9, 5, 8, 2, 1, 3, 1, 4, 2};
  const double fids[] = {100, 80, 70, 50, 40, 60, 70, 80, 90};
  std::vector<CurveRow> rows;
  for (int i = 0; i < 9; ++i) {
    CurveRow row{.step = 10 * (i + 1), .seconds = 0.5 * (i + 1), .loss_d = losses[i]};
    row.grad_norm_g = i + 1.0;
    row.grad_norm_d = 2.0 * (i + 1);
    row.vanishing_share = i < 3 ? 0.4 : 0.1;
    row.critic_accuracy_real = 0.1 * (i + 1);
    row.measures = {{"fid", fids[i]}};
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

// Expected numbers below are worked by hand from hand_made_rows.
TEST_CASE("FID measures of a hand-made curve", "[fast][stability]") {
  const auto rows = hand_made_rows();
  CHECK(stability_value(rows, "fid_best") == 40.0);
  CHECK(stability_value(rows, "fid_last") == 90.0);
  // (100/2 + 80+70+50+40+60+70+80 + 90/2) * 10 / 80
  CHECK(*stability_value(rows, "fid_area") == Catch::Approx(68.125));
  CHECK(stability_value(rows, "collapsed") == 1.0);
  const StabilitySettings levels{.fid_levels = {75, 30}};
  CHECK(stability_value(rows, "steps_to_fid_75", levels) == 30.0);
  CHECK(stability_value(rows, "seconds_to_fid_75", levels) == 1.5);
  CHECK(stability_value(rows, "steps_to_fid_30", levels) == std::nullopt);
}

TEST_CASE("FID above twice its best is a collapse and exactly twice is not", "[fast][stability]") {
  auto rows = hand_made_rows();
  rows.back().measures = {{"fid", 80.0}};
  CHECK(stability_value(rows, "collapsed") == 0.0);
}

TEST_CASE("half of the modes lost is a collapse too, fewer are not", "[fast][stability]") {
  auto rows = hand_made_rows();
  rows.back().measures = {{"fid", 50.0}, {"modes", 5.0}};
  rows[4].measures.emplace_back("modes", 10.0);
  CHECK(stability_value(rows, "collapsed") == 1.0);
  rows.back().measures = {{"fid", 50.0}, {"modes", 6.0}};
  CHECK(stability_value(rows, "collapsed") == 0.0);
  // Points that never reached a mode have none to lose.
  rows[4].measures = {{"fid", 50.0}, {"modes", 0.0}};
  rows.back().measures = {{"fid", 50.0}, {"modes", 0.0}};
  CHECK(stability_value(rows, "collapsed") == 0.0);
}

TEST_CASE("oscillation is the standard deviation of the last third's differences",
          "[fast][stability]") {
  const auto rows = hand_made_rows();
  // Last third: losses 1, 4, 2; differences 3, -2; sd (n-1) 5 / sqrt 2.
  CHECK(*stability_value(rows, "oscillation_loss") == Catch::Approx(5 / std::sqrt(2.0)));
  // FIDs 70, 80, 90; differences 10, 10.
  CHECK(*stability_value(rows, "oscillation_fid") == Catch::Approx(0.0).margin(1e-12));
}

TEST_CASE("gradient norms, vanishing share and accuracies", "[fast][stability]") {
  const auto rows = hand_made_rows();
  CHECK(stability_value(rows, "grad_norm_g_median") == 5.0);
  CHECK(*stability_value(rows, "grad_norm_g_p99") == Catch::Approx(8.92));
  CHECK(*stability_value(rows, "grad_norm_d_p99") == Catch::Approx(17.84));
  CHECK(*stability_value(rows, "vanishing_share") == Catch::Approx(0.2));
  CHECK(*stability_value(rows, "critic_accuracy_real") == Catch::Approx(0.8));
  CHECK(stability_value(rows, "critic_accuracy_heldout") == std::nullopt);
}

TEST_CASE("vanishing share weighs rows by the steps they cover", "[fast][stability]") {
  const std::vector<CurveRow> rows = {{.step = 90, .vanishing_share = 0.0},
                                      {.step = 100, .vanishing_share = 1.0}};
  CHECK(*stability_value(rows, "vanishing_share") == Catch::Approx(0.1));
}

TEST_CASE("divergence is the recorded step", "[fast][stability]") {
  auto rows = hand_made_rows();
  CHECK(stability_value(rows, "diverged_at_step") == std::nullopt);
  rows.back().non_finite_step = 87;
  CHECK(stability_value(rows, "diverged_at_step") == 87.0);
}

TEST_CASE("an empty curve has a reason for every measure", "[fast][stability]") {
  for (const auto& measure : stability_measures({})) {
    INFO(measure.name);
    CHECK_FALSE(measure.value.has_value());
    CHECK_FALSE(measure.reason.empty());
  }
}

TEST_CASE("the guard finds alike samples within two rows, and not before they were apart",
          "[fast][collapse]") {
  std::vector<CurveRow> rows = {{.step = 10, .sample_diversity = 0.02},
                                {.step = 20, .sample_diversity = 0.03},
                                {.step = 30, .sample_diversity = 0.8},
                                {.step = 40, .sample_diversity = 0.05}};
  CHECK_FALSE(find_collapse(rows).has_value());
  rows.push_back({.step = 50, .sample_diversity = 0.04});
  const auto finding = find_collapse(rows);
  REQUIRE(finding.has_value());
  CHECK(finding->step == 50);
  CHECK(test::contains(finding->reason, "0.04 of the data's, after 0.8"));
}

TEST_CASE("the guard finds a saturated critic only where the gradient has gone too",
          "[fast][collapse]") {
  CurveRow row{.step = 10, .critic_accuracy_real = 1.0, .critic_accuracy_fake = 1.0};
  row.vanishing_share = 0.0;
  CurveRow next = row;
  next.step = 20;
  CHECK_FALSE(find_collapse({row, next}).has_value());
  row.vanishing_share = next.vanishing_share = 0.9;
  const auto finding = find_collapse({row, next});
  REQUIRE(finding.has_value());
  CHECK(finding->step == 20);
  CHECK_FALSE(find_collapse({row}).has_value());
}

}  // namespace ganselect
