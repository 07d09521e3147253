// Tests of differences between candidates over a few training seeds.
// With three seeds a sign flip cannot fall below p = 0.25, and Student's t with two degrees of
// freedom sees little. Where enough candidates were trained, each one's variance is joined with the
// one that all have in common (seed_spread.h), and the test is a moderated t. Candidates that vary
// more than the rest would then be called different too often, so a variance counts as no smaller
// than the candidate's own, and the degrees of freedom lie midway between the fewest of a single
// candidate's and those of Satterthwaite's formula. The level that this has on synthetic trials
// is held by tests/selection/survey/seed_tests_test.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "selection/evidence/seed_spread.h"
#include "selection/survey/contrasts.h"

namespace ganselect {

/// From so many seeds on a test by flipping signs stands beside the other.
inline constexpr std::size_t kSeedsForFlips = 8;

/// Numbers by candidate and seed, and the variance over seeds that the candidates have in common.
struct SeedTable {
  std::map<const CandidateEvidence*, BySeed> values;
  SeedVariance common;  ///< 0 degrees where it is not known
  /// Degrees of freedom of all candidates together, which no estimate has more of.
  std::optional<double> all_degrees = {};
};

SeedTable seed_table(std::map<const CandidateEvidence*, BySeed> values);

/// The table of a trial's value over all candidates of `evidence`, which must outlive it.
SeedTable seed_table(const Evidence& evidence, const TrialValue& value);

/// first - second; without a second the first's values are differences already.
struct SeedPair {
  const CandidateEvidence* first = nullptr;
  const CandidateEvidence* second = nullptr;
};

/// A mean difference and how well it is known.
struct SeedEstimate {
  double effect = 0.0;
  std::size_t seeds = 0;        ///< that have a difference
  double standard_error = 0.0;  ///< absent (0) below two seeds
  double degrees = 0.0;         ///< of freedom; 0 below two seeds: nothing can be tested
  bool moderated = false;       ///< the common variance took part
  BySeed differences;           ///< as average_by_seed makes them
};

/// The mean over `pairs` of their mean differences over the seeds that both sides have. Where the
/// table has a common variance, the standard error comes from all of each candidate's seeds; else
/// from the differences alone. Nothing where no pair has a seed.
std::optional<SeedEstimate> estimate_difference(const SeedTable& table,
                                                const std::vector<SeedPair>& pairs);

/// From the differences alone. Nothing without any.
std::optional<SeedEstimate> estimate_mean(const BySeed& differences);

/// The same seen from the other side.
SeedEstimate mirrored(SeedEstimate estimate);

/// What a test found. Where the seeds do not differ at all there is no t, and flipped signs decide.
struct SeedTest {
  std::string method;  ///< "moderated t", "Student's t" or "sign flips", "one-sided ..."
  double p_value = 1.0;
  std::optional<double> p_t;
  std::optional<double> p_sign_flip;  ///< from kSeedsForFlips seeds on, or where it decides
};

/// Two-sided: the mean is not 0. `estimate` of these three has degrees.
SeedTest test_not_zero(const SeedEstimate& estimate);

/// One-sided: the mean is above `bound`.
SeedTest test_above(const SeedEstimate& estimate, double bound);

/// The mean is within `margin` of 0: two one-sided tests (Schuirmann 1987).
SeedTest test_within(const SeedEstimate& estimate, double margin);

/// Of the mean, 95%; absent below two seeds.
std::optional<Interval> interval95(const SeedEstimate& estimate);

}  // namespace ganselect
