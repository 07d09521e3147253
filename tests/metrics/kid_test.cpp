#include "metrics/kid.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "tests/metrics/feature_sets.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::gaussian;

// The definition with whole kernel matrices.
double plain_kid(const torch::Tensor& x, const torch::Tensor& y) {
  const auto kernel = [](const torch::Tensor& a, const torch::Tensor& b) {
    return (a.mm(b.t()) / static_cast<double>(a.size(1)) + 1).pow(3);
  };
  const auto within = [&](const torch::Tensor& a) {
    const auto k = kernel(a, a);
    const auto n = static_cast<double>(a.size(0));
    return (k.sum() - k.trace()).item<double>() / (n * (n - 1));
  };
  return within(x) + within(y) - 2 * kernel(x, y).mean().item<double>();
}

}  // namespace

TEST_CASE("KID in blocks agrees with whole kernel matrices", "[fast]") {
  const auto real = gaussian(1500, 3, 1),
             fake = gaussian(1100, 3, 2, 0.2);  // neither a multiple of the block
  CHECK_THAT(kernel_distance(real, fake).exact, WithinRel(plain_kid(real, fake), 1e-9));
  CHECK_FALSE(kernel_distance(real, fake).subset_values.defined());
}

TEST_CASE("KID over subsets is that of the subsets' rows", "[fast]") {
  const auto real = gaussian(90, 4, 3), fake = gaussian(120, 4, 4, 0.3);
  const auto subsets = draw_kid_subsets(90, 120, 5, 40, 2020);
  CHECK(subsets.fake.max().item<int64_t>() > 90);  // fake rows are drawn from the fake set
  const auto values = kernel_distance(real, fake, subsets).subset_values;
  REQUIRE(values.size(0) == 5);
  for (int64_t s = 0; s < 5; ++s) {
    const double plain =
        plain_kid(real.index_select(0, subsets.real[s]), fake.index_select(0, subsets.fake[s]));
    CHECK_THAT(values[s].item<double>(), WithinAbs(plain, 1e-12));
  }
}

TEST_CASE("KID of equal distributions is about 0 and grows with a shift and with noise", "[fast]") {
  const auto real = gaussian(600, 8, 5), fake = gaussian(600, 8, 6), noise = gaussian(600, 8, 7);
  const auto subsets = draw_kid_subsets(600, 600, 50, 200, 1);
  const auto equal = kernel_distance(real, fake, subsets);
  CHECK_THAT(equal.exact, WithinAbs(0, 2 * equal.subset_values.std().item<double>()));
  double before = equal.exact;
  for (const double amount : {0.5, 1.0, 2.0}) {
    const double now = kernel_distance(real, fake + noise * amount).exact;
    CHECK(now > before);
    before = now;
  }
  CHECK(kernel_distance(real, real).exact <
        0);  // unbiased, so below 0 for a set and itself, and not cut off
  CHECK_THAT(kernel_distance(test::reversed_rows(real), fake).exact, WithinAbs(equal.exact, 1e-12));
}

TEST_CASE("KID takes smaller subsets of few samples and says so, and none of very few", "[fast]") {
  const auto measured =
      test::measure_family("kid", test::feature_input(gaussian(140, 4, 8), gaussian(101, 4, 9)));
  CHECK(measured.value("kid_mean").has_value());
  CHECK(measured.protocol["measures"]["kid_mean"]["subset_size"] == 50);
  REQUIRE(measured.warnings.size() == 1);
  CHECK(measured.warnings[0]["code"] == "smaller_kid_subsets");
  const auto few =
      test::measure_family("kid", test::feature_input(gaussian(140, 4, 8), gaussian(99, 4, 9)));
  CHECK_FALSE(few.value("kid_mean").has_value());
  CHECK(few.reason.at("kid_std") ==
        "needs at least 100 samples of each, got 140 real and 99 generated for subsets");
  CHECK(few.value("kid_exact").has_value());
  const auto one =
      test::measure_family("kid", test::feature_input(gaussian(140, 4, 8), gaussian(1, 4, 9)));
  CHECK_FALSE(one.value("kid_exact").has_value());
}

}  // namespace ganselect
