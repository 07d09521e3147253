#include "selection/bootstrap.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <numeric>

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

SeedRows normal_rows(DrawStream& stream, std::size_t seeds, double mean, double sd) {
  SeedRows rows;
  for (std::size_t i = 0; i < seeds; ++i) rows.push_back({mean + sd * stream.normal()});
  return rows;
}

TEST_CASE("Random draws have the moments of their distributions", "[fast][bootstrap]") {
  DrawStream stream(7);
  double sum = 0.0, squares = 0.0, chi = 0.0, wide_chi = 0.0;
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) {
    const double z = stream.normal();
    sum += z;
    squares += z * z;
    chi += stream.chi_squared(3);
    wide_chi += stream.chi_squared(60);
  }
  // Five standard errors of each mean.
  CHECK_THAT(sum / kDraws, WithinAbs(0.0, 5.0 / std::sqrt(kDraws)));
  CHECK_THAT(squares / kDraws, WithinAbs(1.0, 5.0 * std::sqrt(2.0 / kDraws)));
  CHECK_THAT(chi / kDraws, WithinAbs(3.0, 5.0 * std::sqrt(6.0 / kDraws)));
  CHECK_THAT(wide_chi / kDraws, WithinAbs(60.0, 5.0 * std::sqrt(120.0 / kDraws)));
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

TEST_CASE("Sign flips count exactly for few seeds", "[fast][bootstrap]") {
  // All eight patterns of three equal differences: only +++ and --- are as far out.
  CHECK_THAT(sign_flip_p_value({1.0, 1.0, 1.0}, 0), WithinAbs(0.25, 1e-15));
  // Sums of (3, 1, -1): |3| or more for six of eight patterns.
  CHECK_THAT(sign_flip_p_value({3.0, 1.0, -1.0}, 0), WithinAbs(0.75, 1e-15));
  CHECK(sign_flip_p_value({}, 0) == 1.0);
  CHECK(sign_flip_p_value({0.0, 0.0}, 0) == 1.0);
}

TEST_CASE("Under the null p-values are uniform", "[fast][bootstrap]") {
  DrawStream data(5);
  constexpr int kRounds = 1500;
  int below_five = 0, below_half = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> differences;
    for (int i = 0; i < 9; ++i) differences.push_back(data.normal());
    const double p = sign_flip_p_value(differences, 1);
    below_five += p <= 0.05 ? 1 : 0;
    below_half += p <= 0.5 ? 1 : 0;
  }
  // Four standard errors of a share of 1,500; p takes steps of 1/256.
  CHECK_THAT(below_five / static_cast<double>(kRounds),
             WithinAbs(0.05, 4.0 * std::sqrt(0.05 * 0.95 / kRounds) + 1.0 / 256));
  CHECK_THAT(below_half / static_cast<double>(kRounds),
             WithinAbs(0.5, 4.0 * std::sqrt(0.25 / kRounds) + 1.0 / 256));
}

TEST_CASE("Random sign flips agree with the exact count", "[fast][bootstrap]") {
  std::vector<double> differences;
  DrawStream data(9);
  for (int i = 0; i < 15; ++i) differences.push_back(0.5 + data.normal());
  // All 2^15 patterns, counted here by themselves.
  const double observed = std::abs(std::accumulate(differences.begin(), differences.end(), 0.0));
  int extreme = 0;
  for (int pattern = 0; pattern < 1 << 15; ++pattern) {
    double sum = 0.0;
    for (std::size_t i = 0; i < 15; ++i)
      sum += ((pattern >> i) & 1) != 0 ? -differences[i] : differences[i];
    extreme += std::abs(sum) >= observed * (1.0 - 1e-12) ? 1 : 0;
  }
  const double exact = extreme / 32768.0;
  CHECK_THAT(sign_flip_p_value(differences, 4),
             WithinAbs(exact, 4.0 * std::sqrt(exact * (1.0 - exact) / 20000.0) + 1e-4));
}

TEST_CASE("Holm's correction as worked by hand", "[fast][bootstrap]") {
  const auto corrected = holm({0.04, 0.01, 0.03});
  CHECK_THAT(corrected[1], WithinAbs(0.03, 1e-15));
  CHECK_THAT(corrected[2], WithinAbs(0.06, 1e-15));
  CHECK_THAT(corrected[0], WithinAbs(0.06, 1e-15));
  CHECK(holm({}).empty());
  CHECK(holm({0.9, 0.8})[0] == 1.0);
}

}  // namespace
}  // namespace ganselect
