#include "selection/evidence/mean_draws.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

SeedRows normal_rows(DrawStream& stream, std::size_t seeds, double mean, double sd) {
  SeedRows rows;
  for (std::size_t i = 0; i < seeds; ++i) rows.push_back({mean + sd * stream.normal()});
  return rows;
}

TEST_CASE("Intervals of the mean hold their coverage for few seeds", "[fast][bootstrap]") {
  DrawStream data(11);
  for (const std::size_t seeds : {2, 3, 5, 10}) {
    int covered = 0;
    constexpr int kRounds = 1000;
    for (int round = 0; round < kRounds; ++round) {
      const auto rows = normal_rows(data, seeds, 0.5, 0.1);
      DrawStream stream(static_cast<std::uint64_t>(round));
      std::vector<double> means;
      const MeanDraws draws(rows);
      for (int draw = 0; draw < 800; ++draw) means.push_back(draws.draw(stream)[0]);
      const auto interval = central_interval(means, 0.95);
      covered += interval.low <= 0.5 && 0.5 <= interval.high ? 1 : 0;
    }
    CAPTURE(seeds, covered);
    CHECK(covered >= 930);
    CHECK(covered <= 970);
  }
}

TEST_CASE("Draws keep the correlation of criteria", "[fast][bootstrap]") {
  const SeedRows rows = {{0.1, 0.9}, {0.2, 0.8}, {0.4, 0.6}};
  DrawStream stream(3);
  const MeanDraws draws(rows);
  for (int i = 0; i < 100; ++i) {
    const auto drawn = draws.draw(stream);
    CHECK_THAT(drawn[0] + drawn[1], WithinAbs(1.0, 1e-12));
  }
}

TEST_CASE("Many seeds are drawn from their covariance, as row by row", "[fast][bootstrap]") {
  // Three correlated columns, a fourth that is the sum of two, a fifth that is constant.
  DrawStream data(13), stream(14);
  SeedRows rows;
  for (int i = 0; i < 12; ++i) {
    const double a = data.normal(), b = 0.5 * a + data.normal(), c = data.normal() - b;
    rows.push_back({a, b, c, a + b, 2.0});
  }
  const auto means = column_means(rows);
  const MeanDraws draws(rows);
  constexpr int kDraws = 40000;
  SeedRows drawn;
  for (int i = 0; i < kDraws; ++i) drawn.push_back(draws.draw(stream));
  const auto covariance = [](const SeedRows& values, std::size_t i, std::size_t j) {
    const auto centre = column_means(values);
    double sum = 0.0;
    for (const auto& row : values) sum += (row[i] - centre[i]) * (row[j] - centre[j]);
    return sum / static_cast<double>(values.size() - 1);
  };
  // Student's t with 11 degrees of freedom has variance 11 / 9 of the mean's.
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK_THAT(column_means(drawn)[i], WithinAbs(means[i], 0.02));
    for (std::size_t j = 0; j < 5; ++j) {
      CAPTURE(i, j);
      CHECK_THAT(covariance(drawn, i, j),
                 WithinAbs(covariance(rows, i, j) / 12.0 * 11.0 / 9.0, 0.02));
    }
  }
  for (int i = 0; i < 100; ++i) {
    CHECK_THAT(
        drawn[static_cast<std::size_t>(i)][3],
        WithinAbs(drawn[static_cast<std::size_t>(i)][0] + drawn[static_cast<std::size_t>(i)][1],
                  1e-9));
    CHECK(drawn[static_cast<std::size_t>(i)][4] == 2.0);
  }
}

TEST_CASE("One seed shows no spread and constant seeds have none", "[fast][bootstrap]") {
  DrawStream stream(3);
  CHECK(MeanDraws({{0.25, 0.5}}).draw(stream) == std::vector<double>{0.25, 0.5});
  CHECK(MeanDraws({{0.25}, {0.25}, {0.25}}).draw(stream) == std::vector<double>{0.25});
}

TEST_CASE("What candidates share joins a candidate's own rows by degrees of freedom",
          "[fast][bootstrap]") {
  // Own scatter (1 degree): 0.02 and 0.005, opposed. Shared, 5 degrees: 5 x 0.01 and 5 x 0.04.
  const SeedRows rows = {{0.4, 0.6}, {0.6, 0.5}};
  const SharedSpread shared{.score = {.variance = 1.0, .degrees = 5.0},
                            .parts = {{std::sqrt(0.05), 0.0}, {0.0, std::sqrt(0.2)}}};
  const MeanDraws draws(rows, shared);
  DrawStream stream(5);
  constexpr int kDraws = 200000;
  double first = 0.0, second = 0.0, mixed = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const auto drawn = draws.draw(stream);
    const double a = drawn[0] - 0.5, b = drawn[1] - 0.55;
    first += a * a / kDraws;
    second += b * b / kDraws;
    mixed += a * b / kDraws;
  }
  // Student's t of 6 degrees has variance 6/4; the scatter over 6 degrees, of a mean of 2.
  const double size = 6.0 / 4.0 / 6.0 / 2.0;
  // Four standard errors: squares of t of 6 degrees have a standard deviation of 2.6 times their
  // mean.
  CHECK_THAT(first, WithinAbs(size * 0.07, 0.025 * size * 0.07));
  CHECK_THAT(second, WithinAbs(size * 0.205, 0.025 * size * 0.205));
  CHECK_THAT(mixed, WithinAbs(size * -0.01, 0.025 * size * 0.12));
  // One row stays what it is: nothing tells how far its candidate's mean may lie.
  CHECK(MeanDraws({{0.25, 0.5}}, shared).draw(stream) == std::vector<double>{0.25, 0.5});
}

}  // namespace
}  // namespace ganselect
