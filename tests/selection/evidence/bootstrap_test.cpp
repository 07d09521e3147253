#include "selection/evidence/bootstrap.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <numeric>

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

TEST_CASE("Random draws have the moments of their distributions", "[fast][bootstrap]") {
  DrawStream stream(7);
  double sum = 0.0, squares = 0.0;
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) {
    const double z = stream.normal();
    sum += z;
    squares += z * z;
  }
  // Five standard errors of each mean.
  CHECK_THAT(sum / kDraws, WithinAbs(0.0, 5.0 / std::sqrt(kDraws)));
  CHECK_THAT(squares / kDraws, WithinAbs(1.0, 5.0 * std::sqrt(2.0 / kDraws)));
  // Sums of squares, and gamma variables of shapes below and above 1.
  for (const double k : {0.3, 1.0, 1.7, 2.4, 3.0, 60.0}) {
    double first = 0.0, second = 0.0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = stream.chi_squared(k);
      first += x / kDraws;
      second += x * x / kDraws;
    }
    const double square = k * (k + 2), fourth = square * (k + 4) * (k + 6);
    CAPTURE(k);
    CHECK_THAT(first, WithinAbs(k, 5.0 * std::sqrt(2.0 * k / kDraws)));
    CHECK_THAT(second, WithinAbs(square, 5.0 * std::sqrt((fourth - square * square) / kDraws)));
  }
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
