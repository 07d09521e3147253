#include "base/statistics.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

namespace ganselect::statistics {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

// Worked by hand; numbers that float64 holds exactly, but for the quantiles' interpolation.
TEST_CASE("statistics of a few numbers are those worked by hand", "[fast]") {
  const std::vector<double> values = {7, 1, 4, 2};
  CHECK(mean(values) == 3.5);
  CHECK(variance_n_minus_1(values) == 7.0);  // (12.25 + 6.25 + 0.25 + 2.25) / 3
  CHECK(median(values) == 3.0);
  CHECK(median({5, 1, 9}) == 5.0);
  CHECK(quantile(values, 0.0) == 1.0);
  CHECK(quantile(values, 1.0) == 7.0);
  // Place 0.1 x 3 = 0.3 between 1 and 2; one rounding.
  CHECK_THAT(quantile(values, 0.1), WithinAbs(1.3, 1e-15));
  CHECK(mean(std::vector<double>{-2.5}) == -2.5);
  CHECK(quantile({-2.5}, 0.7) == -2.5);
}

TEST_CASE("a small spread about a large mean is not swallowed", "[fast]") {
  // 1e9 + {0, 1, 2} has variance 1; from raw moments nothing would be left of it.
  CHECK_THAT(variance_n_minus_1(std::vector<double>{1e9, 1e9 + 1, 1e9 + 2}), WithinRel(1.0, 1e-12));
}

}  // namespace
}  // namespace ganselect::statistics
