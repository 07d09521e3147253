// Which centres of a mixture a set of points reaches: by touching them, and by more than chance.
//
// Shapes: N points, M centres.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ganselect {

// Points against the centres of a mixture (Srivastava et al. 2017, section 4.1).
struct PointModes {
  torch::Tensor histogram;        // int64 (M): points within the radius of their nearest centre
  double high_quality_share = 0;  // share of points within it
};
// points: floating (N,2), N >= 1; centres: (M,2); radius > 0 in the points' unit. Else kData.
PointModes count_point_modes(const torch::Tensor& points, const torch::Tensor& centres,
                             double radius);

// A mode counts where the points that reach it are more than chance puts there.
//
// Of the N_m points that lie within R_m of centre m, half the distance to the nearest other centre,
// n_m lie within the radius r. Where points know nothing of the centre, n_m is at most
// Binomial(N_m, r / R_m): (r / R_m)^2 is the share of a scatter that is even around the centre,
// r / R_m that of even threads that run through it, the larger one. Only the surroundings count,
// so neither outliers nor how far a scatter reaches change the verdict. The M tail probabilities
// are judged together by Benjamini & Hochberg's rule (1995): where points know nothing of any
// centre, a mode is counted with a chance of at most `level`, and of those counted a share of at
// most `level` is expected to be chance.
struct ModesAboveChance {
  std::vector<double> p_values;         // of each centre
  std::vector<bool> counted;            // M
  std::int64_t modes = 0;               // how many are counted
  std::int64_t samples_needed = 0;      // fewer could not show M even modes
  std::optional<std::string> obstacle;  // why there is no verdict; the fields above are empty then
};
// Arguments as count_point_modes; level in (0,1). No verdict for fewer than `samples_needed`
// points, for a single centre, and for centres within 2 r of each other, which leave no
// surroundings.
ModesAboveChance modes_above_chance(const torch::Tensor& points, const torch::Tensor& centres,
                                    double radius, double level);

// P(X >= k), X ~ Binomial(n, p), float64; 0 <= k <= n, 0 < p < 1.
double binomial_upper_tail(std::int64_t k, std::int64_t n, double p);

// Which of the p-values stand at `level` by Benjamini & Hochberg's step-up rule.
std::vector<bool> below_false_share(const std::vector<double>& p_values, double level);

}  // namespace ganselect
