#include "selection/survey/seed_tests.h"

#include <fmt/format.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <iostream>
#include <numbers>

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

// Sums of a few numbers near 1, and tails of Student's t in two libraries.
constexpr double kSeedTestRounding = 1e-12, kTail = 1e-9;

TEST_CASE("Without a common variance the differences alone count", "[fast][seed-tests]") {
  // scipy.stats.ttest_1samp([0.1, 0.3, 0.2], 0).
  const auto estimate = *estimate_mean({{4, 0.1}, {7, 0.3}, {9, 0.2}});
  CHECK_THAT(estimate.effect, WithinAbs(0.2, kSeedTestRounding));
  CHECK(estimate.degrees == 2.0);
  CHECK_THAT(estimate.standard_error, WithinAbs(0.1 / std::sqrt(3.0), kSeedTestRounding));
  const auto test = test_not_zero(estimate);
  CHECK(test.method == "Student's t");
  CHECK_THAT(test.p_value, WithinRel(0.07417990022744862, kTail));
  CHECK(test.p_t == test.p_value);
  CHECK_FALSE(test.p_sign_flip.has_value());
  CHECK_FALSE(estimate_mean({}).has_value());
  CHECK_FALSE(interval95(*estimate_mean({{0, 1.0}})).has_value());
}

TEST_CASE("A variance is the larger of a candidate's own and the moderated one",
          "[fast][seed-tests]") {
  std::array<CandidateEvidence, 2> both;
  SeedTable table{{{&both[0], {{1, 1.0}, {2, 1.4}}}, {&both[1], {{1, 0.5}, {2, 0.52}}}}, {0.01, 4}};
  const auto estimate = *estimate_difference(table, {{&both[0], &both[1]}});
  // Own 0.08 above the moderated (0.08 + 4 * 0.01) / 5; own 0.0002 below (0.0002 + 0.04) / 5.
  CHECK_THAT(estimate.effect, WithinAbs(0.69, kSeedTestRounding));
  CHECK_THAT(estimate.standard_error,
             WithinAbs(std::sqrt((0.08 + 0.00804) / 2.0), kSeedTestRounding));
  // Midway between the 5 of each and Satterthwaite's 5 (a + b)^2 / (a^2 + b^2).
  const double satterthwaite = 5.0 * 0.08804 * 0.08804 / (0.08 * 0.08 + 0.00804 * 0.00804);
  CHECK_THAT(estimate.degrees, WithinAbs(0.5 * (5.0 + satterthwaite), 1e-9));
  // scipy.stats.t.sf with these figures.
  const auto test = test_not_zero(estimate);
  CHECK(test.method == "moderated t");
  CHECK_THAT(test.p_value, WithinRel(0.01891052220141692, kTail));
  CHECK_THAT(test_above(estimate, 0.3).p_value, WithinRel(0.058436356145547354, kTail));
  const auto within = test_within(estimate, 1.0);
  CHECK_THAT(within.p_value, WithinRel(0.09720111539309988, kTail));
  CHECK(within.method == "two one-sided moderated t");
}

TEST_CASE("Pairs that share a candidate count its luck as often as it stands in them",
          "[fast][seed-tests]") {
  std::array<CandidateEvidence, 3> all;
  const SeedTable table{{{&all[0], {{1, 1.0}, {2, 1.2}}},
                         {&all[1], {{1, 0.5}, {2, 0.6}}},
                         {&all[2], {{2, 0.3}, {3, 0.9}}}},
                        {0.3, 1000}};
  // So many degrees leave the common variance alone. First against both others: its cells weigh
  // 1/2 of 1/2 at seed 1, and 1/2 of 1/2 and 1/2 at seed 2.
  const auto estimate = *estimate_difference(table, {{&all[0], &all[1]}, {&all[0], &all[2]}});
  CHECK_THAT(estimate.effect, WithinAbs(0.5 * (0.55 + 0.9), kSeedTestRounding));
  const double squares = (0.25 * 0.25 + 0.75 * 0.75) + 2.0 * 0.25 * 0.25 + 0.25;
  CHECK_THAT(estimate.standard_error, WithinRel(std::sqrt(0.3 * squares), 1e-3));
  CHECK(estimate.seeds == 2);
  // No more degrees than all candidates together have.
  auto limited = table;
  limited.all_degrees = 7.5;
  CHECK(estimate_difference(limited, {{&all[0], &all[1]}})->degrees == 7.5);
}

TEST_CASE("Candidates that are one training count once in the common variance",
          "[fast][seed-tests]") {
  std::array<CandidateEvidence, 12> all;
  std::map<const CandidateEvidence*, BySeed> values;
  for (std::size_t i = 0; i < 10; ++i) {
    const auto x = static_cast<double>(i);
    values[&all[i]] = {{0, x}, {1, x + 0.1 + 0.01 * static_cast<double>((3 * i) % 10)}};
  }
  const auto ten = seed_table(values);
  CHECK(ten.common.degrees > 0.0);
  CHECK(ten.all_degrees == 10.0);
  values[&all[10]] = values[&all[4]];
  values[&all[11]] = {{0, 3.5}};
  const auto twelve = seed_table(values);
  CHECK(twelve.common.variance == ten.common.variance);
  CHECK(twelve.all_degrees == 10.0);
  // Of nine nothing is shared.
  values.erase(&all[10]);
  values.erase(&all[4]);
  CHECK(seed_table(values).common.degrees == 0.0);
}

TEST_CASE("Sides of a test mirror each other", "[fast][seed-tests]") {
  const auto estimate = *estimate_mean({{0, 0.12}, {1, 0.31}, {2, -0.04}, {3, 0.22}});
  const auto other = mirrored(estimate);
  CHECK_THAT(test_not_zero(other).p_value, WithinRel(test_not_zero(estimate).p_value, kTail));
  CHECK_THAT(test_above(estimate, 0.1).p_value + test_above(other, -0.1).p_value,
             WithinAbs(1.0, kTail));
  const auto interval = *interval95(estimate), back = *interval95(other);
  CHECK_THAT(interval.low + back.high, WithinAbs(0.0, kSeedTestRounding));
  // The two-sided p-value is 0.05 where the interval ends at 0.
  auto at_end = estimate;
  at_end.effect -= interval.low;
  CHECK_THAT(test_not_zero(at_end).p_value, WithinRel(0.05, 1e-6));
}

TEST_CASE("Sign flips stand beside from eight seeds on and decide where seeds do not differ",
          "[fast][seed-tests]") {
  BySeed values;
  for (std::uint64_t seed = 0; seed < 7; ++seed) values[seed] = 0.1 * static_cast<double>(seed + 1);
  CHECK_FALSE(test_not_zero(*estimate_mean(values)).p_sign_flip.has_value());
  values[7] = 0.8;
  const auto eight = test_not_zero(*estimate_mean(values));
  CHECK_THAT(*eight.p_sign_flip, WithinAbs(2.0 / 256.0, kSeedTestRounding));
  CHECK(eight.p_value == *eight.p_t);
  // All above 0.05, not all above 0.15.
  CHECK_THAT(*test_above(*estimate_mean(values), 0.05).p_sign_flip,
             WithinAbs(1.0 / 256.0, kSeedTestRounding));
  CHECK(*test_above(*estimate_mean(values), 0.9).p_sign_flip > 0.99);
  const auto same = test_not_zero(*estimate_mean({{0, 0.3}, {1, 0.3}, {2, 0.3}}));
  CHECK(same.method == "sign flips");
  CHECK(same.p_value == 0.25);
  CHECK_FALSE(same.p_t.has_value());
}

// Candidates whose spreads have logarithms of a normal law of `unlikeness`, as even as may be.
struct Trials {
  std::vector<CandidateEvidence> candidates;
  std::vector<double> sds;

  Trials(std::size_t count, double unlikeness) : candidates(count), sds(count) {
    for (std::size_t i = 0; i < count; ++i) {
      // Normal quantiles by bisection of the error function.
      const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
      double low = -5.0, high = 5.0;
      for (int step = 0; step < 60; ++step) {
        const double middle = 0.5 * (low + high);
        (0.5 * std::erfc(-middle / std::numbers::sqrt2) < p ? low : high) = middle;
      }
      sds[i] = 0.06 * std::exp(unlikeness * low);
    }
  }

  SeedTable draw(std::size_t seeds, DrawStream& stream) const {
    std::map<const CandidateEvidence*, BySeed> values;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      for (std::uint64_t seed = 0; seed < seeds; ++seed)
        values[&candidates[i]][seed] = sds[i] * stream.normal();
    }
    return seed_table(std::move(values));
  }
};

struct Levels {
  double average = 0.0, widest = 0.0, worst = 0.0;
};

Levels levels_of(double unlikeness, std::size_t seeds, int rounds, double nominal) {
  constexpr std::size_t kCandidates = 24;
  const Trials trials(kCandidates, unlikeness);
  DrawStream stream(201 + seeds);
  std::vector<double> called(kCandidates * kCandidates, 0.0);
  for (int round = 0; round < rounds; ++round) {
    const auto table = trials.draw(seeds, stream);
    for (std::size_t i = 0; i < kCandidates; ++i) {
      for (std::size_t j = i + 1; j < kCandidates; ++j) {
        const auto estimate =
            *estimate_difference(table, {{&trials.candidates[i], &trials.candidates[j]}});
        if (test_not_zero(estimate).p_value <= nominal) called[i * kCandidates + j] += 1.0 / rounds;
      }
    }
  }
  Levels levels;
  for (const double share : called) {
    levels.average += share / (0.5 * kCandidates * (kCandidates - 1));
    levels.worst = std::max(levels.worst, share);
  }
  levels.widest = called[(kCandidates - 2) * kCandidates + kCandidates - 1];
  return levels;
}

TEST_CASE("Among 24 candidates that do not differ a test at 5% errs in 4 to 6%",
          "[slow][truth][seed-tests]") {
  // Spreads over seeds differ as in our records, where their logarithms have a deviation of 0.4,
  // and by half as much again.
  constexpr int kRounds = 1500;
  for (const double unlikeness : {0.4, 0.55}) {
    for (const std::size_t seeds : {2, 3, 5}) {
      const auto at_five = levels_of(unlikeness, seeds, kRounds, 0.05);
      CAPTURE(unlikeness, seeds, at_five.average, at_five.widest, at_five.worst);
      CHECK(at_five.average >= 0.04);
      CHECK(at_five.average <= 0.06);
      // The two that vary most: at most 0.1, and two standard errors of 0.008 of such a share.
      CHECK(at_five.widest <= 0.116);
      // The worst of 276 pairs lies some three standard errors above what it is in truth.
      CHECK(at_five.worst <= (seeds == 2 ? 0.16 : 0.125));
    }
  }
}

TEST_CASE("Power by number of seeds", "[.power]") {
  // Of one difference among 24 candidates; effects in pooled deviations over seeds.
  // The table of docs/selection.md comes from here.
  constexpr std::size_t kCandidates = 24;
  constexpr int kRounds = 400;
  const Trials trials(kCandidates, 0.4);
  double squares = 0.0;
  for (const double sd : trials.sds) squares += sd * sd / kCandidates;
  std::string text = "seeds | effect in sd | moderated t | Student's t | at 0.005: moderated\n";
  for (const std::size_t seeds : {2, 3, 5, 8}) {
    for (const double effect : {0.5, 1.0, 2.0, 4.0}) {
      DrawStream stream(301);
      double moderated = 0.0, plain = 0.0, strict = 0.0;
      for (int round = 0; round < kRounds; ++round) {
        const auto table = trials.draw(seeds, stream);
        for (std::size_t i = 0; i + 1 < kCandidates; i += 2) {
          const auto* first = &trials.candidates[i];
          const auto* second = &trials.candidates[kCandidates - 1 - i];
          auto estimate = *estimate_difference(table, {{first, second}});
          auto alone =
              *estimate_mean(seed_differences(table.values.at(first), table.values.at(second)));
          estimate.effect += effect * std::sqrt(squares);
          alone.effect += effect * std::sqrt(squares);
          const double share = 2.0 / (kRounds * static_cast<double>(kCandidates));
          const double p = test_not_zero(estimate).p_value;
          moderated += p <= 0.05 ? share : 0.0;
          strict += p <= 0.005 ? share : 0.0;
          plain += test_not_zero(alone).p_value <= 0.05 ? share : 0.0;
        }
      }
      text += fmt::format("{} | {} | {:.2f} | {:.2f} | {:.2f}\n", seeds, effect, moderated, plain,
                          strict);
      CHECK(moderated > plain - 1e-9);
    }
  }
  std::cout << text;
}

}  // namespace
}  // namespace ganselect
