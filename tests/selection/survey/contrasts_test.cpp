#include "selection/survey/contrasts.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

// Beyond rounding of sums of numbers near 1.
constexpr double kRounding = 1e-14;

void check_values(const BySeed& found, const BySeed& expected) {
  REQUIRE(found.size() == expected.size());
  for (const auto& [seed, value] : expected) {
    CAPTURE(seed);
    REQUIRE(found.contains(seed));
    CHECK_THAT(found.at(seed), WithinAbs(value, kRounding));
  }
}

TEST_CASE("Contrasts that have the same seeds are averaged seed by seed", "[fast]") {
  check_values(average_by_seed({{{3, 1.0}, {5, 0.5}}, {{3, -0.25}, {5, 2.0}}}),
               {{3, 0.375}, {5, 1.25}});
}

TEST_CASE("A seed that one contrast lacks does not bring the others' effect as its luck",
          "[fast]") {
  // The first contrast varies by 0.1 about 1.1; the second is known of seed 0 alone.
  check_values(average_by_seed({{{0, 1.0}, {1, 1.2}}, {{0, -0.5}}}), {{0, 0.2}, {1, 0.4}});
  // Seed 2 of the second alone: its deviation counts, and the mean is that of the contrasts' means.
  const auto values = average_by_seed({{{0, 1.0}, {1, 1.2}}, {{0, 5.0}, {1, 5.3}, {2, 5.9}}});
  REQUIRE(values.size() == 3);
  CHECK_THAT((values.at(0) + values.at(1) + values.at(2)) / 3,
             WithinAbs((1.1 + 5.4) / 2, kRounding));
  // Deviations: seed 0: -0.1 and -0.4, seed 1: 0.1 and -0.1, seed 2: 0.5; their mean is 0.25 / 3.
  CHECK_THAT(values.at(2) - values.at(0), WithinAbs(0.5 + 0.25, kRounding));
  CHECK_THAT(values.at(1) - values.at(0), WithinAbs(0.0 + 0.25, kRounding));
}

TEST_CASE("Contrasts of one seed each leave one value, and so no spread", "[fast]") {
  check_values(average_by_seed({{{4, 1.0}}, {{2, 3.0}}}), {{2, 2.0}});
  check_values(average_by_seed({{}, {{7, 1.0}}}), {{7, 1.0}});
  CHECK(average_by_seed({}).empty());
  CHECK(average_by_seed({{}, {}}).empty());
}

}  // namespace
}  // namespace ganselect
