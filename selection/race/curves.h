// Stored training curves as a race reads them: how far one look at a trial can be trusted, and how
// much candidates still move against each other until the end.
// Levels are -ln FID: higher is better, and equal ratios of FID are equal distances.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/records/record.h"

namespace ganselect {

/// One trial: a level at each of its evaluations.
struct StoredCurve {
  std::string candidate;
  std::uint64_t seed = 0;
  std::vector<double> steps, levels;
};

/// The curves of the largest set of candidates that were evaluated at the same steps, on one data
/// set, by one detector. Of names of one training the first stands for all; trials without a FID at
/// each step are left out. Empty where no trial has kLeastLooks evaluations.
std::vector<StoredCurve> stored_curves(std::span<const Record> records);
inline constexpr std::size_t kLeastLooks = 5;

/// level(x) = c0 + c1 x + c2 x^2 with x = ln(share of the horizon).
struct FittedCurve {
  std::string candidate;
  std::size_t trials = 0;
  std::array<double, 3> coefficients = {};
  double at(double share) const;
};

/// Curves fitted by least squares to the mean over each candidate's trials.
struct CurveFit {
  std::vector<FittedCurve> curves;
  double horizon = 0;         ///< updates of the last evaluation
  double first_share = 0;     ///< of the horizon, at the first one
  double look_variance = 0;   ///< of one evaluation about its trial's curve
  double trial_variance = 0;  ///< of trials about their candidate's curve
  std::size_t trials = 0;
};

/// kData for fewer than two candidates or fewer than three trials.
CurveFit fit_curves(std::span<const StoredCurve> curves);

/// What races need to know of curves, without their unit: variances in units of that of one look.
struct CurveModel {
  double look_variance = 0;   ///< of -ln FID, where nothing better is known
  double trial_variance = 0;  ///< of trials about their candidate, in look variances
  /// Variance of a candidate's movement against the others over the last doubling of updates before
  /// the horizon, the one before it, and so on; the last one holds for all earlier.
  std::vector<double> turning;

  /// The movement between two shares of the horizon, from <= to <= 1; 0 beyond the horizon.
  double movement(double from, double to) const;
};
CurveModel curve_model(const CurveFit& fit);

/// Share of pairs of candidates whose order at that share of the horizon is another at its end.
double turned_pairs(const CurveFit& fit, double share);

}  // namespace ganselect
