#include "selection/survey/seed_tests.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "base/statistics.h"

namespace ganselect {
namespace {

constexpr std::uint64_t kFlipSeed = 10;
// Of the effect: less is rounding, and the seeds did not differ.
constexpr double kRounding = 1e-12;

SeedVariance variance_of(const BySeed& values) {
  if (values.size() < 2) return {};
  const auto plain = plain_values(values);
  return {statistics::variance_n_minus_1(plain), static_cast<double>(plain.size() - 1)};
}

// A candidate's variance counts as no smaller than its own.
SeedVariance guarded(const BySeed& values, const SeedVariance& common) {
  const auto own = variance_of(values);
  auto both = moderated(own, common);
  both.variance = std::max(both.variance, own.variance);
  return both;
}

// What each candidate's mean of squares weighs in the variance of the effect: each pair counts
// alike, and in it each seed.
std::map<const CandidateEvidence*, double> squared_weights(const std::vector<SeedPair>& pairs,
                                                           const std::vector<BySeed>& differences) {
  const auto counted = std::count_if(differences.begin(), differences.end(),
                                     [](const BySeed& one) { return !one.empty(); });
  std::map<const CandidateEvidence*, std::map<std::uint64_t, double>> cells;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    for (const auto& [seed, difference] : differences[k]) {
      const double weight =
          1.0 / (static_cast<double>(counted) * static_cast<double>(differences[k].size()));
      cells[pairs[k].first][seed] += weight;
      if (pairs[k].second != nullptr) cells[pairs[k].second][seed] -= weight;
    }
  }
  std::map<const CandidateEvidence*, double> squares;
  for (const auto& [candidate, seeds] : cells) {
    for (const auto& [seed, weight] : seeds) squares[candidate] += weight * weight;
  }
  return squares;
}

void use_common_variance(const SeedTable& table,
                         const std::map<const CandidateEvidence*, double>& squares,
                         SeedEstimate& estimate) {
  double variance = 0.0, of_variance = 0.0;
  std::optional<double> fewest;
  for (const auto& [candidate, weight] : squares) {
    const auto spread = guarded(table.values.at(candidate), table.common);
    const double part = weight * spread.variance;
    variance += part;
    of_variance += part * part / spread.degrees;
    fewest = std::min(fewest.value_or(spread.degrees), spread.degrees);
  }
  estimate.moderated = true;
  estimate.standard_error = std::sqrt(variance);
  estimate.degrees = 0.5 * (*fewest + variance * variance / of_variance);
  if (table.all_degrees) estimate.degrees = std::min(estimate.degrees, *table.all_degrees);
}

double upper_tail(double t, double degrees) {
  const boost::math::students_t_distribution<double> student(degrees);
  return boost::math::cdf(boost::math::complement(student, t));
}

bool seeds_differ(const SeedEstimate& estimate) {
  return estimate.standard_error > kRounding * std::abs(estimate.effect);
}

std::vector<double> shifted(const BySeed& differences, double shift) {
  auto values = plain_values(differences);
  for (double& value : values) value += shift;
  return values;
}

// Half the two-sided p-value where the mean is above 0: flipping all signs mirrors the
// distribution.
double one_sided_flips(const std::vector<double>& values) {
  const double half = sign_flip_p_value(values, kFlipSeed) / 2.0;
  return statistics::mean(values) > 0.0 ? half : 1.0 - half;
}

template <class Flips>
SeedTest as_test(const SeedEstimate& estimate, const std::string& sides, double p_t, Flips flips) {
  SeedTest test;
  const bool differ = seeds_differ(estimate);
  if (differ) test.p_t = p_t;
  if (!differ || estimate.differences.size() >= kSeedsForFlips) test.p_sign_flip = flips();
  test.p_value = differ ? p_t : *test.p_sign_flip;
  const char* kind = !differ ? "sign flips" : estimate.moderated ? "moderated t" : "Student's t";
  test.method = sides + kind;
  return test;
}

}  // namespace

SeedTable seed_table(std::map<const CandidateEvidence*, BySeed> values) {
  std::set<BySeed> different;  // the same training under two names counts once
  for (const auto& [candidate, mine] : values) {
    if (mine.size() >= 2) different.insert(mine);
  }
  std::vector<SeedVariance> variances;
  double degrees = 0.0;
  for (const auto& mine : different) {
    variances.push_back(variance_of(mine));
    degrees += variances.back().degrees;
  }
  return {std::move(values), common_variance(variances), degrees};
}

SeedTable seed_table(const Evidence& evidence, const TrialValue& value) {
  std::map<const CandidateEvidence*, BySeed> values;
  for (const auto& candidate : evidence.candidates)
    values[&candidate] = values_by_seed(candidate, value);
  return seed_table(std::move(values));
}

std::optional<SeedEstimate> estimate_mean(const BySeed& differences) {
  if (differences.empty()) return std::nullopt;
  SeedEstimate estimate;
  estimate.effect = statistics::mean(plain_values(differences));
  estimate.seeds = differences.size();
  const auto spread = variance_of(differences);
  estimate.degrees = spread.degrees;
  estimate.standard_error = std::sqrt(spread.variance / static_cast<double>(differences.size()));
  estimate.differences = differences;
  return estimate;
}

std::optional<SeedEstimate> estimate_difference(const SeedTable& table,
                                                const std::vector<SeedPair>& pairs) {
  std::vector<BySeed> differences;
  for (const auto& pair : pairs) {
    const auto& first = table.values.at(pair.first);
    differences.push_back(
        pair.second == nullptr ? first : seed_differences(first, table.values.at(pair.second)));
  }
  auto estimate = estimate_mean(average_by_seed(differences));
  if (estimate && estimate->degrees > 0.0 && table.common.degrees > 0.0)
    use_common_variance(table, squared_weights(pairs, differences), *estimate);
  return estimate;
}

SeedEstimate mirrored(SeedEstimate estimate) {
  estimate.effect = -estimate.effect;
  for (auto& [seed, value] : estimate.differences) value = -value;
  return estimate;
}

SeedTest test_not_zero(const SeedEstimate& estimate) {
  const double t = std::abs(estimate.effect) / estimate.standard_error;
  const double p = seeds_differ(estimate) ? 2.0 * upper_tail(t, estimate.degrees) : 1.0;
  return as_test(estimate, "", p,
                 [&] { return sign_flip_p_value(plain_values(estimate.differences), kFlipSeed); });
}

SeedTest test_above(const SeedEstimate& estimate, double bound) {
  const double t = (estimate.effect - bound) / estimate.standard_error;
  const double p = seeds_differ(estimate) ? upper_tail(t, estimate.degrees) : 1.0;
  return as_test(estimate, "one-sided ", p,
                 [&] { return one_sided_flips(shifted(estimate.differences, -bound)); });
}

SeedTest test_within(const SeedEstimate& estimate, double margin) {
  const auto above = test_above(estimate, -margin);
  const auto below = test_above(mirrored(estimate), -margin);
  auto weaker = above.p_value >= below.p_value ? above : below;
  if (above.p_sign_flip && below.p_sign_flip)
    weaker.p_sign_flip = std::max(*above.p_sign_flip, *below.p_sign_flip);
  weaker.method.replace(0, std::string("one-sided").size(), "two one-sided");
  return weaker;
}

std::optional<Interval> interval95(const SeedEstimate& estimate) {
  if (estimate.degrees <= 0.0) return std::nullopt;
  const double reach = estimate.standard_error * student_t_quantile(0.975, estimate.degrees);
  return Interval{estimate.effect - reach, estimate.effect + reach};
}

}  // namespace ganselect
