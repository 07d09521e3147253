#include "selection/evidence/seed_spread.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "selection/ranking/ranking.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

std::vector<SeedVariance> with_degrees(const std::vector<double>& variances,
                                       const std::vector<double>& degrees) {
  std::vector<SeedVariance> all;
  for (std::size_t i = 0; i < variances.size(); ++i) all.push_back({variances[i], degrees[i]});
  return all;
}

TEST_CASE("The common variance is that of Smyth's equations", "[fast][spread]") {
  // Computed in Python by scipy's digamma, polygamma and brentq from the same equations.
  const std::vector<double> alike = {0.0004, 0.0009, 0.0003, 0.0021, 0.0011,
                                     0.0016, 0.0035, 0.0007, 0.0012, 0.0052};
  const auto one = common_variance(with_degrees(alike, {1, 1, 2, 2, 1, 4, 1, 2, 1, 3}));
  // Nine tenths of all degrees, as many as the others have: nothing says that they differ.
  CHECK_THAT(one.degrees, WithinRel(16.2, 1e-12));
  CHECK_THAT(one.variance, WithinRel(0.0026916458494182526, 1e-9));
  std::vector<double> unlike = {0.0004, 0.0009, 0.0001, 0.0021, 0.0011,
                                0.0016, 0.0055, 0.0007, 0.0012, 0.0002};
  std::vector<double> degrees = {3, 3, 2, 2, 3, 4, 3, 4, 3, 5};
  const auto other = common_variance(with_degrees(unlike, degrees));
  CHECK_THAT(other.degrees, WithinRel(2.8319368069783946, 1e-9));
  CHECK_THAT(other.variance, WithinRel(0.0007967327585220794, 1e-9));
  // A score fixed by rule tells nothing of the others.
  unlike.push_back(0.0);
  degrees.push_back(7);
  CHECK_THAT(common_variance(with_degrees(unlike, degrees)).variance,
             WithinRel(other.variance, 1e-12));
}

TEST_CASE("The law that variances were drawn from is found again", "[fast][spread]") {
  constexpr double kDegrees = 6.0, kVariance = 0.04;
  DrawStream stream(21);
  std::vector<SeedVariance> drawn;
  for (int i = 0; i < 4000; ++i) {
    const double truth = kDegrees * kVariance / stream.chi_squared(6);
    drawn.push_back({truth * stream.chi_squared(2) / 2.0, 2.0});
  }
  const auto found = common_variance(drawn);
  // A standard error towards fewer makes 6 degrees 5.5; the error itself is as large again.
  CHECK_THAT(found.degrees, WithinAbs(5.5, 1.2));
  // The mean logarithm has a standard error of 0.023.
  CHECK_THAT(found.variance, WithinRel(kVariance, 0.08));
}

TEST_CASE("Few candidates, or unlike ones, share nothing", "[fast][spread]") {
  const std::vector<double> nine(9, 0.01), degrees(16, 2.0);
  CHECK(common_variance(with_degrees(nine, degrees)).degrees == 0);
  CHECK(common_variance(with_degrees(std::vector<double>(10, 0.01), degrees)).degrees > 0);
  std::vector<double> unlike;
  for (int i = 0; i < 16; ++i) unlike.push_back(std::pow(1000.0, -i));
  CHECK(common_variance(with_degrees(unlike, degrees)).degrees == 0);
  CHECK(common_variance({}).degrees == 0);
  CHECK(common_variance(with_degrees(std::vector<double>(9, 0.0), degrees)).degrees == 0);
}

TEST_CASE("Own and common variance are weighted by degrees of freedom", "[fast][spread]") {
  const auto both = moderated({0.09, 1}, {0.01, 3});
  CHECK_THAT(both.variance, WithinRel(0.03, 1e-14));
  CHECK(both.degrees == 4);
  CHECK(moderated({0.09, 1}, {}).variance == 0.09);
  CHECK(moderated({}, {}).degrees == 0);
}

TEST_CASE("Shared parts spread a score as the common variance says", "[fast][spread]") {
  DrawStream stream(22);
  const std::vector<double> weights = {0.7, 0.3};
  std::vector<SeedRows> candidates;
  for (int i = 0; i < 12; ++i) {
    SeedRows rows;
    for (int seed = 0; seed < 3; ++seed) {
      const double a = stream.normal();
      rows.push_back({0.5 + 0.02 * a, 0.4 + 0.03 * a + 0.01 * stream.normal()});
    }
    candidates.push_back(rows);
  }
  const auto shared = shared_spread(candidates, weights);
  REQUIRE(shared.score.degrees >= 1);
  double squares = 0.0;
  for (const auto& part : shared.parts)
    squares += std::pow(weights[0] * part[0] + weights[1] * part[1], 2);
  CHECK_THAT(squares, WithinRel(shared.score.degrees * shared.score.variance, 1e-9));
  // The same training under a second name, and a candidate of one seed, change nothing.
  auto more = candidates;
  more.push_back(candidates[4]);
  more.push_back({{0.1, 0.9}});
  const auto again = shared_spread(more, weights);
  CHECK(again.score.degrees == shared.score.degrees);
  CHECK(again.score.variance == shared.score.variance);
}

// Sixteen candidates of two seeds each whose quality is exactly drawn; shares of intervals that
// hold the truth, and the intervals' median width.
struct Held {
  double share = 0.0, width = 0.0;
};
Held held_by_intervals(double unlikeness, std::uint64_t seed) {
  constexpr int kRounds = 250;
  constexpr std::size_t kCandidates = 16;
  DrawStream stream(seed);
  std::vector<double> widths;
  double held = 0.0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Record> records;
    for (std::size_t c = 0; c < kCandidates; ++c) {
      const double sd = 0.01 * std::exp(unlikeness * stream.normal());
      for (std::uint64_t s = 0; s < 2; ++s) {
        const double q = std::clamp(0.5 + sd * stream.normal(), 0.001, 0.999);
        const std::string name = "c" + std::to_string(c);
        auto record = test::healthy_record(name, s, 0.5, 0.5);
        record.trial_id = name + "-s" + std::to_string(s);
        record.measures.set("fid", 20.0 * (1.0 / q - 1.0));
        record.measures.set("inception_score_1split", std::pow(10.0, q));
        records.push_back(record);
      }
    }
    const UseCase quality{{{"quality", 1.0}}, {}};
    const auto evidence = gather_evidence(records, {});
    const auto ranking = rank_candidates(evidence, quality, {.draws = 600});
    for (const auto& ranked : ranking.ranked) {
      const auto& interval = *ranked.score_interval;
      widths.push_back(interval.high - interval.low);
      held += interval.low <= 0.5 && 0.5 <= interval.high ? 1.0 / (kRounds * kCandidates) : 0.0;
    }
  }
  std::nth_element(widths.begin(), widths.begin() + widths.size() / 2, widths.end());
  return {held, widths[widths.size() / 2]};
}

TEST_CASE("Intervals of many candidates with two seeds hold the truth and are a third as wide",
          "[slow][truth]") {
  // Alone, two seeds give a median interval of 2 x 12.7 x 0.48 sd = 0.12.
  // Whether they vary alike or by factors of e and more.
  for (const double unlikeness : {0.0, 0.5, 1.0, 1.5}) {
    const auto held = held_by_intervals(unlikeness, 31);
    CAPTURE(unlikeness, held.share, held.width);
    CHECK(held.share >= 0.92);
    CHECK(held.share <= 0.97);
    CHECK(held.width < 0.05);
  }
}

}  // namespace
}  // namespace ganselect
