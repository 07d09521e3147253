// What statements of uncertainty over training seeds are made of: random numbers, rows of values by
// seed, intervals of draws, and tests by flipping signs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/seeds.h"
#include "results/records/summary.h"

namespace ganselect {

/// A stream of random numbers that is the same on every platform.
class DrawStream {
 public:
  explicit DrawStream(std::uint64_t seed) : bits_(seed) {}
  std::uint64_t bits() { return bits_.next(); }
  double uniform();                               ///< in (0, 1)
  double normal();                                ///< standard normal (Box & Muller 1958)
  double chi_squared(double degrees_of_freedom);  ///< degrees > 0, whole or not

 private:
  double gamma(double shape);

  CounterBits bits_;
  bool has_spare_ = false;
  double spare_ = 0.0;
};

/// Values of one candidate: one row for each seed, one column for each criterion.
using SeedRows = std::vector<std::vector<double>>;

/// Column means, (C). `rows` is not empty.
std::vector<double> column_means(const SeedRows& rows);

/// The rows less their column means.
SeedRows centred(const SeedRows& rows);

/// At most C rows whose outer products sum to the same matrix as those of `centred` (not empty):
/// the columns of its lower Cholesky factor.
SeedRows scatter_factor(const SeedRows& centred);

/// The central interval that holds `level` of `values` (not empty), by linear interpolation.
Interval central_interval(std::vector<double> values, double level);

/// Two-sided p-value of the mean of `differences` being 0, by flipping their signs: all 2^n of them
/// up to n = 14, else 20,000 random ones with the observed one counted in. 1 for none.
double sign_flip_p_value(const std::vector<double>& differences, std::uint64_t seed);

/// Holm's step-down correction of p-values, in their order (Holm 1979).
std::vector<double> holm(const std::vector<double>& p_values);

}  // namespace ganselect
