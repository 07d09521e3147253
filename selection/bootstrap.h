// Uncertainty over training seeds: random draws of each candidate's mean criteria.
// A hierarchical multiplier bootstrap: trials of one seed are averaged first, then the mean over
// the seeds is perturbed by their centred values times normal multipliers, on the scale of
// Student's t with n - 1 degrees of freedom. Resampling three seeds with replacement would give
// intervals that cover far too seldom; this form is exact for normal seeds and keeps the criteria's
// correlation. (Multiplier bootstrap: van der Vaart & Wellner 1996, chapter 2.9.)
#pragma once

#include <cstdint>
#include <vector>

#include "results/summary.h"

namespace ganselect {

/// A stream of random numbers that is the same on every platform.
class DrawStream {
 public:
  explicit DrawStream(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits();
  double uniform();                                    ///< in (0, 1)
  double normal();                                     ///< standard normal (Box & Muller 1958)
  double chi_squared(std::size_t degrees_of_freedom);  ///< >= 1 degree

 private:
  std::uint64_t state_;
  bool has_spare_ = false;
  double spare_ = 0.0;
};

/// Values of one candidate: one row for each seed, one column for each criterion.
using SeedRows = std::vector<std::vector<double>>;

/// Column means, (C). `rows` is not empty.
std::vector<double> column_means(const SeedRows& rows);

/// Draws of one candidate's column means. The multipliers' sum over n rows is normal with the rows'
/// scatter matrix as its covariance, so beyond a few rows it is drawn from that matrix's Cholesky
/// factor: the same distribution, at a cost that does not grow with n.
class MeanDraws {
 public:
  /// `rows` is not empty. With one row every draw is its values: nothing is known of their spread.
  explicit MeanDraws(const SeedRows& rows);

  /// One draw, (C).
  std::vector<double> draw(DrawStream& stream) const;

 private:
  std::size_t rows_;
  std::vector<double> means_;
  /// Rows of which each draw adds one normal multiple: the centred rows or the factor's columns.
  SeedRows parts_;
};

/// The central interval that holds `level` of `values` (not empty), by linear interpolation.
Interval central_interval(std::vector<double> values, double level);

/// Two-sided p-value of the mean of `differences` being 0, by flipping their signs: all 2^n of them
/// up to n = 14, else 20,000 random ones with the observed one counted in. 1 for none.
double sign_flip_p_value(const std::vector<double>& differences, std::uint64_t seed);

/// Holm's step-down correction of p-values, in their order (Holm 1979).
std::vector<double> holm(const std::vector<double>& p_values);

}  // namespace ganselect
