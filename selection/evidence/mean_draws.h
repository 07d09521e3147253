// Uncertainty over training seeds: random draws of each candidate's mean criteria.
// A hierarchical multiplier bootstrap: trials of one seed are averaged first, then the mean over
// the seeds is perturbed by their centred values times normal multipliers, on the scale of
// Student's t with n - 1 degrees of freedom and those that the other candidates lend
// (seed_spread.h). Resampling three seeds with replacement would give intervals that cover far too
// seldom; this form is exact for normal seeds and keeps the criteria's correlation. (Multiplier
// bootstrap: van der Vaart & Wellner 1996, chapter 2.9.)
#pragma once

#include <cstddef>
#include <vector>

#include "selection/evidence/bootstrap.h"
#include "selection/evidence/seed_spread.h"

namespace ganselect {

/// Draws of one candidate's column means, from its own rows and what the candidates share of their
/// spread. The multipliers' sum over the rows is normal with their scatter matrix as its
/// covariance, so beyond a few rows it is drawn from that matrix's Cholesky factor: the same
/// distribution, at a cost that does not grow with n.
class MeanDraws {
 public:
  /// `rows` is not empty. With one row every draw is its values: nothing is known of their spread.
  explicit MeanDraws(const SeedRows& rows, const SharedSpread& shared = {});

  /// One draw, (C).
  std::vector<double> draw(DrawStream& stream) const;

 private:
  std::size_t rows_;
  double degrees_;
  std::vector<double> means_;
  /// Rows of which each draw adds one normal multiple: the centred rows and the shared parts, or
  /// their factor.
  SeedRows parts_;
};

}  // namespace ganselect
