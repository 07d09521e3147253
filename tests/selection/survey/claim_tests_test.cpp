#include "selection/survey/claim_tests.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

TEST_CASE("Rank correlation as worked by hand", "[fast][claims]") {
  using claim_tests::rank_correlation;
  CHECK_THAT(*rank_correlation({1, 2, 3, 4}, {10, 20, 30, 40}), WithinAbs(1.0, 1e-15));
  CHECK_THAT(*rank_correlation({1, 2, 3, 4}, {4, 3, 2, 1}), WithinAbs(-1.0, 1e-15));
  // Squared rank differences 1, 1, 0, 0: 1 - 6 * 2 / (4 * 15).
  CHECK_THAT(*rank_correlation({1, 2, 3, 4}, {2, 1, 3, 4}), WithinAbs(0.8, 1e-15));
  CHECK_FALSE(rank_correlation({1, 2, 3}, {1, 2, 3}).has_value());
  CHECK_FALSE(rank_correlation({1, 1, 1, 1}, {1, 2, 3, 4}).has_value());
}

}  // namespace
}  // namespace ganselect
