#include "metrics/mmd.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using test::contains;
using test::feature_input;
using test::gaussian;
using test::measure_family;
using test::thrown_by;

// The definition, from direct differences of all pairs.
double by_pairs(const torch::Tensor& x, const torch::Tensor& y, double s) {
  const auto kernel = [&](const torch::Tensor& a, const torch::Tensor& b) {
    return (a.unsqueeze(1) - b.unsqueeze(0)).square().sum(2).div(-2 * s * s).exp();
  };
  const auto n = static_cast<double>(x.size(0)), m = static_cast<double>(y.size(0));
  return (kernel(x, x).sum().item<double>() - n) / (n * (n - 1)) +
         (kernel(y, y).sum().item<double>() - m) / (m * (m - 1)) -
         2 * kernel(x, y).sum().item<double>() / (n * m);
}

}  // namespace

TEST_CASE("the Gaussian discrepancy is that of all pairs, whatever the blocks and the offset",
          "[fast]") {
  // 1,500 rows are two blocks.
  const auto x = gaussian(1500, 3, 1), y = gaussian(1100, 3, 2, 0.3, 1.2);
  CHECK_THAT(gaussian_mmd(x, y, 1.7), WithinAbs(by_pairs(x, y, 1.7), 1e-13));
  CHECK_THAT(gaussian_mmd(x + 1e5, y + 1e5, 1.7), WithinAbs(by_pairs(x, y, 1.7), 1e-9));
  CHECK_THAT(gaussian_mmd(test::reversed_rows(x), y, 1.7),
             WithinAbs(gaussian_mmd(x, y, 1.7), 1e-13));
  CHECK_THAT(gaussian_mmd(y, x, 1.7), WithinAbs(gaussian_mmd(x, y, 1.7), 1e-13));
}

TEST_CASE("the Gaussian discrepancy is unbiased: about 0 for one distribution, never above 2",
          "[fast]") {
  double mean = 0, scatter = 0;
  for (std::uint64_t draw = 0; draw < 200; ++draw) {
    const double one =
        gaussian_mmd(gaussian(20, 4, 2 * draw + 1), gaussian(30, 4, 2 * draw + 2), 2.0);
    mean += one / 200;
    scatter += one * one / 200;
  }
  CHECK(std::abs(mean) < 4 * std::sqrt(scatter / 200));
  CHECK(scatter > 0);
  // Two points far apart: every kernel value within a set is 1, between them 0.
  const auto here = torch::zeros({4, 2}, torch::kFloat64);
  CHECK_THAT(gaussian_mmd(here, here + 1e6, 1.0), WithinAbs(2, 1e-12));
  CHECK_THAT(gaussian_mmd(here, here, 1.0), WithinAbs(0, 1e-12));
  // The same samples on both sides: the pairs (i,i) count between the sets and not within them.
  const auto x = gaussian(10, 3, 4);
  CHECK(gaussian_mmd(x, x, 1.0) < 0);
  CHECK_THAT(gaussian_mmd(x, x, 1.0), WithinAbs(by_pairs(x, x, 1.0), 1e-13));
}

TEST_CASE("the bandwidth is the median distance of the reference alone", "[fast]") {
  CHECK_THAT(median_distance(torch::tensor({{0.0}, {1.0}, {4.0}}, torch::kFloat64)),
             WithinAbs(3, 1e-15));
  // 1, 2, 3, 5, 6, 8: between the middle two.
  CHECK_THAT(median_distance(torch::tensor({{0.0}, {2.0}, {3.0}, {8.0}}, torch::kFloat64)),
             WithinAbs(4, 1e-15));
  const auto real = gaussian(200, 5, 1);
  for (const double shift : {0.0, 3.0}) {
    const auto measured = measure_family("mmd", feature_input(real, gaussian(150, 5, 2, shift)));
    const auto& protocol = measured.protocol["measures"]["mmd_gaussian"];
    CHECK_THAT(protocol["bandwidth"].get<double>(), WithinAbs(median_distance(real), 1e-12));
    CHECK(protocol["bandwidth_rule"]["median_distance_of_reference_samples"] == 200);
    CHECK_THAT(
        *measured.value("mmd_gaussian"),
        WithinAbs(gaussian_mmd(real, gaussian(150, 5, 2, shift), median_distance(real)), 1e-15));
  }
  const auto given = measure_family("mmd", feature_input(real, gaussian(150, 5, 2)),
                                    {.options = {{"mmd.bandwidth", 10.0}}});
  CHECK(given.protocol["measures"]["mmd_gaussian"]["bandwidth"] == 10);
  CHECK(given.protocol["measures"]["mmd_gaussian"]["bandwidth_rule"] == "given");
}

TEST_CASE("of a large reference the bandwidth is drawn by the seed", "[fast]") {
  const auto input = feature_input(gaussian(1300, 3, 1), gaussian(50, 3, 2));
  const auto bandwidth = [&](std::uint64_t seed) {
    const auto measured = measure_family("mmd", input, {.seed = seed});
    CHECK(measured.protocol["measures"]["mmd_gaussian"]["bandwidth_rule"]["drawn"]["of"] == 1300);
    return measured.protocol["measures"]["mmd_gaussian"]["bandwidth"].get<double>();
  };
  CHECK(bandwidth(1) == bandwidth(1));
  CHECK(bandwidth(1) != bandwidth(2));
  CHECK_THAT(bandwidth(1), WithinAbs(median_distance(input.real.features), 0.1));
}

TEST_CASE("where the discrepancy cannot be had, it says why", "[fast]") {
  const auto few = measure_family("mmd", feature_input(gaussian(1, 3, 1), gaussian(9, 3, 2)));
  CHECK(contains(few.reason.at("mmd_gaussian"), "needs at least 2 samples of each, got 1 real"));
  auto duplicates = gaussian(10, 3, 1);
  duplicates.slice(0, 0, 8).copy_(duplicates[9]);
  const auto same = measure_family("mmd", feature_input(duplicates, gaussian(9, 3, 2)));
  CHECK(contains(same.reason.at("mmd_gaussian"), "median distance is 0"));
  CHECK(contains(same.reason.at("mmd_gaussian"), "mmd.bandwidth"));
  // Kernels of 1 and of 0 for every pair see no difference; a fifth and a hundred times the median
  // distance, about 2.4, still do.
  for (const double bandwidth : {1e-300, 0.01, 1e6, 1e300}) {
    const auto blind = measure_family("mmd", feature_input(gaussian(50, 3, 1), gaussian(50, 3, 2)),
                                      {.options = {{"mmd.bandwidth", bandwidth}}});
    CHECK(contains(blind.reason.at("mmd_gaussian"), "the same for all pairs"));
  }
  for (const double bandwidth : {0.5, 240.0}) {
    const auto seen = measure_family("mmd", feature_input(gaussian(50, 3, 1), gaussian(50, 3, 2)),
                                     {.options = {{"mmd.bandwidth", bandwidth}}});
    CHECK(seen.value("mmd_gaussian"));
  }
  const auto x = gaussian(4, 3, 1);
  CHECK(thrown_by([&] { gaussian_mmd(x, x, 0); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { median_distance(x.slice(0, 0, 1)); }).kind == ErrorKind::kData);
}

}  // namespace ganselect
