#include "metrics/fid_infinity.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "metrics/fid.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::gaussian;
using test::thrown_by;

EvaluationSettings infinity_settings() {
  EvaluationSettings settings;
  settings.metrics = {"fid", "fid_infinity"};
  settings.fid_infinity = true;
  return settings;
}

}  // namespace

TEST_CASE("a line over 1/n is extrapolated to its intercept", "[fast]") {
  const auto line =
      extrapolate_fid({100, 200, 500}, {3.5 + 7.0 / 100, 3.5 + 7.0 / 200, 3.5 + 7.0 / 500});
  CHECK(std::abs(line.value - 3.5) < 1e-12);
  CHECK(std::abs(line.slope - 7) < 1e-9);
  CHECK(std::abs(line.r_squared - 1) < 1e-12);
  CHECK(thrown_by([] { extrapolate_fid({50, 50}, {1, 2}); }).kind == ErrorKind::kData);
}

TEST_CASE("FID at infinitely many samples is NumPy's line through SciPy's FIDs", "[fast]") {
  const auto input = test::feature_input(gaussian(20000, 16, 1), gaussian(1000, 16, 2));
  const auto measured = measure_samples(input, infinity_settings());
  // The same features and RandomState(2020).permutation subsets; FID by scipy.linalg.sqrtm, the
  // line by numpy.polyfit over 1/n. SciPy's root is good to about 1e-8 here.
  CHECK(std::abs(*measured.value("fid") - 0.06904468645230438) < 1e-9);
  CHECK(std::abs(*measured.value("fid_infinity") + 0.0553239140) < 1e-8);
  const auto& protocol = measured.protocol["measures"]["fid_infinity"];
  REQUIRE(protocol["counts"].size() == 15);
  CHECK(protocol["counts"].front() == 100);
  CHECK(protocol["counts"].back() == 1000);
}

TEST_CASE("FID at infinitely many samples loses most of the bias of few", "[fast]") {
  // The truth is 0: both sets are of one Gaussian, the reference large. One line is noisy at these
  // counts, so eight are averaged.
  const auto input = test::feature_input(gaussian(20000, 16, 1), gaussian(1000, 16, 2));
  auto settings = infinity_settings();
  double fid = 0, infinity = 0;
  for (settings.seed = 1; settings.seed <= 8; ++settings.seed) {
    const auto measured = measure_samples(input, settings);
    fid = *measured.value("fid");
    infinity += *measured.value("fid_infinity") / 8;
  }
  CHECK(fid > 0.05);
  CHECK(std::abs(infinity) < 0.25 * fid);
}

TEST_CASE("FID at infinitely many samples is refused below four samples a dimension", "[fast]") {
  const auto few = test::feature_input(gaussian(400, 16, 1), gaussian(63, 16, 2));
  const auto measured = measure_samples(few, infinity_settings());
  CHECK_FALSE(measured.value("fid_infinity"));
  CHECK(contains(measured.reason.at("fid_infinity"), "at least 64 generated samples in 16"));
  auto settings = infinity_settings();
  settings.fid_infinity = false;
  CHECK(contains(measure_samples(few, settings).reason.at("fid_infinity"), "not asked for"));
}

TEST_CASE("chance that outweighs the bias is said", "[fast]") {
  const auto far = test::feature_input(gaussian(300, 2, 1), gaussian(900, 2, 2, 3.0));
  const auto measured = measure_samples(far, infinity_settings());
  REQUIRE(measured.value("fid_infinity"));
  bool said = false;
  for (const auto& warning : measured.warnings) said = said || warning["code"] == "poor_line";
  CHECK(said);
}

TEST_CASE("statistics in place of features give the same FID and name what they cannot give",
          "[fast]") {
  const auto real = gaussian(200, 5, 1), fake = gaussian(150, 5, 2, 0.4);
  EvaluationInput input;
  input.real.features = real;
  input.fake_statistics = feature_statistics(feature_moments(fake));
  const auto measured = measure_samples(input);
  CHECK(std::abs(*measured.value("fid") - frechet_inception_distance(real, fake)) < 1e-10);
  for (const char* name : {"kid_exact", "precision", "ndb", "fid_infinity"}) {
    INFO(name);
    CHECK(contains(measured.reason.at(name), "a mean and a covariance serve FID only"));
  }
  CHECK(measured.protocol["n_fake"] == 150);
  CHECK(measured.protocol["dimensions"] == 5);
  input.fake_statistics->count.reset();
  CHECK(measure_samples(input).protocol["n_fake"].is_null());
  CHECK(measure_samples(input).value("fid") == measured.value("fid"));
  input.fake_statistics->covariance = torch::eye(4, torch::kFloat64);
  CHECK(thrown_by([&] { measure_samples(input); }).kind == ErrorKind::kData);
  input.fake_statistics =
      FeatureStatistics{torch::zeros({4}, torch::kFloat64), torch::eye(4, torch::kFloat64), {}};
  CHECK(contains(thrown_by([&] { measure_samples(input); }).message, "got 5 and 4"));
}

}  // namespace ganselect
