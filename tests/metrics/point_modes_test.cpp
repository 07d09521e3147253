#include "metrics/point_modes.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <functional>
#include <numbers>

#include "datasets/points.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinRel;
using test::contains;
using test::thrown_by;

constexpr double kLevel = 0.01;
constexpr double kReach = 3;  // standard deviations

torch::Tensor uniform(int64_t n, std::uint64_t seed, double low, double high) {
  return torch::rand({n, 2}, make_stream(seed, "test points"), torch::kFloat64) * (high - low) +
         low;
}

// n points of the mixture itself but for a share `astray`, which is uniform over [-3,3]^2.
torch::Tensor drawn(const GaussianMixture& mixture, int64_t n, std::uint64_t seed,
                    double astray = 0, double widened = 1) {
  const auto which =
      torch::randint(mixture.centres.size(0), {n}, make_stream(seed, "test modes"), torch::kInt64);
  auto points = mixture.centres.index_select(0, which) +
                test::gaussian(n, 2, seed, 0, widened * mixture.standard_deviation);
  const auto lost = static_cast<int64_t>(astray * static_cast<double>(n));
  if (lost > 0) points.slice(0, 0, lost) = uniform(lost, seed, -3, 3);
  return points;
}

// A band along the ring's circle, normal across it.
torch::Tensor band(int64_t n, std::uint64_t seed, double sd) {
  const auto angle =
      torch::rand({n}, make_stream(seed, "test band"), torch::kFloat64) * (2 * std::numbers::pi);
  const auto radius = test::gaussian(n, 1, seed, 2, sd).squeeze(1);
  return torch::stack({angle.cos() * radius, angle.sin() * radius}, 1);
}

ModesAboveChance judged(const torch::Tensor& points, const GaussianMixture& mixture) {
  return modes_above_chance(points, mixture.centres, kReach * mixture.standard_deviation, kLevel);
}

int64_t touched(const torch::Tensor& points, const GaussianMixture& mixture) {
  return count_point_modes(points, mixture.centres, kReach * mixture.standard_deviation)
      .histogram.gt(0)
      .sum()
      .item<int64_t>();
}

// Of `runs` sets, how many show a mode.
int sets_with_a_mode(const GaussianMixture& mixture, int runs,
                     const std::function<torch::Tensor(std::uint64_t)>& draw) {
  int found = 0;
  for (int seed = 0; seed < runs; ++seed)
    found += judged(draw(static_cast<std::uint64_t>(seed)), mixture).modes > 0 ? 1 : 0;
  return found;
}

}  // namespace

TEST_CASE("binomial tails are exact", "[fast]") {
  CHECK(binomial_upper_tail(0, 5, 0.3) == 1);
  CHECK_THAT(binomial_upper_tail(3, 3, 0.1), WithinRel(0.001, 1e-12));
  CHECK_THAT(binomial_upper_tail(1, 9, 0.2), WithinRel(1 - std::pow(0.8, 9), 1e-13));
  // By exact fractions (Python's fractions and math.comb), both sides of the mean.
  CHECK_THAT(binomial_upper_tail(2, 7, 0.125), WithinRel(0.21460819244384766, 1e-12));
  CHECK_THAT(binomial_upper_tail(40, 2500, 0.01), WithinRel(0.003287687422881825, 1e-10));
  CHECK_THAT(binomial_upper_tail(20, 2500, 0.01), WithinRel(0.867675544730898, 1e-10));
  CHECK_THAT(binomial_upper_tail(30, 310, 0.078), WithinRel(0.13118708912959243, 1e-10));
  for (int64_t k = 1; k <= 40; ++k) {
    CHECK(binomial_upper_tail(k, 40, 0.3) < binomial_upper_tail(k - 1, 40, 0.3));
    CHECK(binomial_upper_tail(k, 40, 0.3) < binomial_upper_tail(k, 40, 0.31));
  }
}

TEST_CASE("the step-up rule lets a p-value stand by its rank", "[fast]") {
  // Limits 0.01, 0.02, 0.03, 0.04: 0.025 fails its own, 0.0299 holds the third and lifts it.
  CHECK(below_false_share({0.0299, 0.5, 0.025, 0.002}, 0.04) ==
        std::vector<bool>{true, false, true, true});
  CHECK(below_false_share({0.02, 0.03}, 0.01) == std::vector<bool>{false, false});
}

TEST_CASE("points that know nothing of the modes touch most of them and reach none", "[slow]") {
  // One set in a hundred may show a mode; more than 5 of 100, or 3 of 30, have a chance of 0.0005.
  for (const auto& mixture : {ring_mixture(), grid_mixture()}) {
    const double edge = mixture.centres.max().item<double>() + kReach * mixture.standard_deviation;
    const auto scatter = [&](std::uint64_t seed) { return uniform(2500, seed, -edge, edge); };
    const bool few_centres = mixture.centres.size(0) < 10;
    CHECK(sets_with_a_mode(mixture, few_centres ? 100 : 30, scatter) <= (few_centres ? 5 : 3));
    CHECK(touched(scatter(1), mixture) > mixture.centres.size(0) / 3);
    for (const double sd : {0.7, 1.4, 3.0}) {
      CAPTURE(sd);
      CHECK(sets_with_a_mode(mixture, few_centres ? 20 : 6, [&](std::uint64_t seed) {
              return test::gaussian(2500, 2, seed, 0, sd);
            }) <= (few_centres ? 3 : 2));
    }
  }
}

TEST_CASE("a band along the ring touches every mode and reaches none", "[fast]") {
  const auto mixture = ring_mixture();
  for (const double sd : {0.0, 0.02, 0.13, 0.3}) {
    CAPTURE(sd);
    CHECK(sets_with_a_mode(mixture, 20, [&](std::uint64_t seed) { return band(2500, seed, sd); }) <=
          3);
  }
  CHECK(touched(band(2500, 1, 0.02), mixture) == 8);
}

TEST_CASE("outliers and points elsewhere change no verdict", "[fast]") {
  const auto mixture = ring_mixture();
  const auto far = torch::tensor({{1e4, -2e3}, {-7e5, 3.0}, {0.0, 0.1}}, torch::kFloat64);
  for (const auto& points : {drawn(mixture, 400, 5), uniform(400, 5, -2.1, 2.1)})
    CHECK(judged(torch::cat({points, far}), mixture).p_values == judged(points, mixture).p_values);
}

TEST_CASE("good samples reach every mode, those of some modes these alone", "[fast]") {
  for (const auto& mixture : {ring_mixture(), grid_mixture()}) {
    const auto modes = mixture.centres.size(0);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      CHECK(judged(drawn(mixture, 2500, seed, 0.02), mixture).modes == modes);
      // Three times as wide: 39 in 100 near.
      CHECK(judged(drawn(mixture, 2500, seed, 0, 3), mixture).modes == modes);
    }
    const GaussianMixture one{mixture.centres.slice(0, 3, 4), mixture.standard_deviation};
    const auto found = judged(drawn(one, 2500, 1, 0.02), mixture);
    CHECK(found.modes == 1);
    CHECK(found.counted[3]);
    const GaussianMixture five{mixture.centres.slice(0, 0, 5), mixture.standard_deviation};
    CHECK(judged(drawn(five, 2500, 1, 0.3), mixture).modes == 5);
  }
}

TEST_CASE("few samples show what they can, too few have no verdict", "[fast]") {
  const auto ring = ring_mixture();
  int64_t seen = 0, met = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto points = drawn(ring, 25, seed, 0.02);
    seen += judged(points, ring).modes;
    met += touched(points, ring);
    CHECK(judged(points, ring).modes <= touched(points, ring));
  }
  CHECK(seen >= 40 * 6);  // a mode with one point of 25 is not told from chance
  CHECK(met >= 40 * 7);
  CHECK(sets_with_a_mode(ring, 200, [](std::uint64_t s) { return uniform(25, s, -2.1, 2.1); }) <=
        7);
  // r / R = 0.06 / 0.765, so that two points of a mode are needed: (r / R)^2 < 0.01.
  CHECK(judged(drawn(ring, 16, 1), ring).samples_needed == 16);
  const auto few = judged(drawn(ring, 15, 1), ring);
  CHECK(contains(few.obstacle.value(), "15 points are too few to tell 8 modes from chance"));
  CHECK(few.counted.empty());
  CHECK(judged(drawn(grid_mixture(), 25, 1), grid_mixture()).samples_needed == 75);
}

TEST_CASE("the verdict does not hang on order, place or unit", "[fast]") {
  const auto mixture = ring_mixture();
  const auto points = drawn(mixture, 300, 7, 0.6);
  const auto plain = judged(points, mixture);
  CHECK(judged(points.flip(0), mixture).p_values == plain.p_values);
  const auto moved =
      modes_above_chance(points * 64 + 5, mixture.centres * 64 + 5, 0.06 * 64, kLevel);
  CHECK(moved.counted == plain.counted);
  const auto turned = torch::tensor({{0.0, 1.0}, {-1.0, 0.0}}, torch::kFloat64);
  CHECK(modes_above_chance(points.matmul(turned), mixture.centres.matmul(turned), 0.06, kLevel)
            .counted == plain.counted);
  // More points at a centre never take its mode away.
  const auto more = torch::cat({points, mixture.centres.slice(0, 2, 3).repeat({9, 1})});
  CHECK(judged(more, mixture).p_values[2] < plain.p_values[2]);
}

TEST_CASE("centres without surroundings have no verdict, wrong shapes are refused", "[fast]") {
  const auto points = uniform(50, 1, -1, 1);
  const auto pair = torch::tensor({{0.0, 0.0}, {0.1, 0.0}}, torch::kFloat64);
  CHECK(contains(modes_above_chance(points, pair, 0.06, kLevel).obstacle.value(), "too near"));
  CHECK(contains(modes_above_chance(points, pair.slice(0, 0, 1), 0.06, kLevel).obstacle.value(),
                 "one centre"));
  CHECK(thrown_by([&] { modes_above_chance(points, pair, 0, kLevel); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { count_point_modes(points, pair, 0); }).kind == ErrorKind::kData);
}

}  // namespace ganselect
