// The spread over seeds that candidates have in common.
// Two or three seeds tell little of one candidate's variance: by luck it comes out near 0 or four
// times too large, and so would its interval. Many candidates together tell more. Their variances
// are taken as drawn from a scaled inverse chi-squared law, whose two numbers are estimated from
// all of them; each candidate's variance is then the mean of its own and the common one, weighted
// by degrees of freedom (Smyth 2004, "Linear models and empirical Bayes methods for assessing
// differential expression in microarray experiments", equations of sections 3 and 6).
#pragma once

#include <cstddef>
#include <vector>

#include "selection/evidence/bootstrap.h"

namespace ganselect {

/// A variance of `degrees` of freedom; 0 degrees: nothing is known.
struct SeedVariance {
  double variance = 0.0;
  double degrees = 0.0;
};

/// The common variance and the degrees of freedom that it counts for beside a candidate's own.
/// `variances`: one a candidate, each of 1 or more degrees; those of exactly 0 are left out. From
/// fewer than kLeastSharing, or where they differ so much that none speaks for another: 0 degrees.
/// The degrees are those of a standard error towards fewer, so that unlike candidates
/// are rather left to themselves.
SeedVariance common_variance(const std::vector<SeedVariance>& variances);
inline constexpr std::size_t kLeastSharing = 10;

/// The two as one.
SeedVariance moderated(const SeedVariance& own, const SeedVariance& common);

/// What candidates share of the spread of their criteria.
struct SharedSpread {
  SeedVariance score;  ///< of the weighted sum of the criteria
  /// Rows of C whose outer products sum to score.degrees times the common covariance of criteria.
  SeedRows parts;
};

/// `candidates`: rows by seed, (n,C) each; those of one row say nothing, and equal rows, the same
/// training under two names, count once. `weights`: (C), of the score.
SharedSpread shared_spread(const std::vector<SeedRows>& candidates,
                           const std::vector<double>& weights);

/// Variance of one seed's score of a candidate with `rows`; 0 degrees for one row.
SeedVariance score_variance(const SeedRows& rows, const std::vector<double>& weights);

}  // namespace ganselect
