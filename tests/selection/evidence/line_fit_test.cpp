#include "selection/evidence/line_fit.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "selection/evidence/bootstrap.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

// Pearson's ten points with York's weights (York 1966), on which fits with errors in both
// directions are compared.
std::vector<UncertainPoint> pearson_york() {
  const std::vector<double> x = {0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4};
  const std::vector<double> y = {5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5};
  const std::vector<double> wx = {1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1};
  const std::vector<double> wy = {1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500};
  std::vector<UncertainPoint> points;
  for (std::size_t i = 0; i < x.size(); ++i)
    points.push_back({x[i], 1.0 / std::sqrt(wx[i]), y[i], 1.0 / std::sqrt(wy[i])});
  return points;
}

TEST_CASE("The line through Pearson's points with York's weights is the published one",
          "[fast][line]") {
  const auto line = york_line(pearson_york());
  REQUIRE(line);
  // York et al. 2004, table II: -0.480533 and 5.47991, error of the slope 0.0580.
  CHECK_THAT(line->slope, WithinAbs(-0.480533407, 1e-8));
  CHECK_THAT(line->intercept, WithinAbs(5.47991022, 1e-7));
  CHECK_THAT(line->slope_error, WithinAbs(0.0580, 5e-5));
  // Ten points, 1.4833 a degree of freedom.
  CHECK_THAT(line->chi2 / 8.0, WithinAbs(1.4833, 1e-4));
}

TEST_CASE("Scatter beyond the errors is found, and where there is none it is 0", "[fast][line]") {
  const auto scattered = scattered_line(pearson_york());
  REQUIRE(scattered);
  CHECK(scattered->scatter > 0.05);
  CHECK_THAT(scattered->line.chi2, WithinAbs(8.0, 1e-6));
  CHECK(scattered->interval95.low < scattered->line.slope);
  auto wide = pearson_york();
  for (auto& p : wide) p.y_error *= 3.0;
  CHECK(scattered_line(wide)->scatter == 0.0);
}

TEST_CASE("Errors of x do not draw the slope towards 0", "[fast][line]") {
  DrawStream stream(7);
  int held = 0;
  double sum = 0.0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<UncertainPoint> points;
    for (int i = 0; i < 20; ++i) {
      const double truth = stream.normal();
      points.push_back(
          {truth + 0.5 * stream.normal(), 0.5, 0.6 * truth + 0.2 + 0.2 * stream.normal(), 0.1});
    }
    const auto line = scattered_line(points);
    REQUIRE(line);
    sum += line->line.slope;
    held += line->interval95.low <= 0.6 && 0.6 <= line->interval95.high;
  }
  // A regression of y on x gives 0.6 / (1 + 0.25) = 0.48; deviations of the mean are about 0.008.
  CHECK_THAT(sum / kRounds, WithinAbs(0.61, 0.03));
  CHECK(held >= 0.90 * kRounds);
  CHECK(held <= 0.99 * kRounds);
}

TEST_CASE("Points that tell no slope have none", "[fast][line]") {
  CHECK_FALSE(york_line(std::vector<UncertainPoint>{{0, 1, 0, 1}, {1, 1, 1, 1}}));
  CHECK_FALSE(york_line(std::vector<UncertainPoint>{{1, 1, 0, 1}, {1, 1, 1, 1}, {1, 1, 2, 1}}));
  CHECK_FALSE(york_line(std::vector<UncertainPoint>{{0, 0, 0, 0}, {1, 0, 1, 0}, {2, 0, 3, 0}}));
}

}  // namespace
}  // namespace ganselect
