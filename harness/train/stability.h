#pragma once
// Stability measures of one trial: pure functions of its curve rows, no torch.
#include <optional>
#include <string>
#include <vector>

#include "harness/train/curve.h"

namespace ganselect {

// A number, or the reason why there is none.
struct StabilityMeasure {
  std::string name;
  std::optional<double> value;
  std::string reason;  // empty where value is there
};

struct StabilitySettings {
  std::vector<double> fid_levels = {};  // steps_to_fid_L and seconds_to_fid_L for each level L
};

// The measures in this order; n rows R, evaluations E = rows with a `fid`:
//   diverged_at_step    first step with a non-finite loss or gradient; absent if there was none
//   collapsed           1 if the last FID is more than twice the best, or the last `modes` is at
//                       most half of the most there were; else 0; needs two evaluations
//   fid_best, fid_last  smallest and last FID of E
//   fid_area            trapezoid area under FID over steps, divided by the steps spanned
//   steps_to_fid_L, seconds_to_fid_L
//                       step and training seconds of the first evaluation with FID <= L
//   oscillation_loss    sd (n-1) of the differences of neighbouring loss_d in the last third of R
//   oscillation_fid     the same of FID in the last third of E
//   grad_norm_g_median, grad_norm_g_p99, grad_norm_d_median, grad_norm_d_p99
//                       over R, linear interpolation
//   vanishing_share     share of the steps whose generator gradient norm is below kVanishingNorm
//   critic_accuracy_real, critic_accuracy_fake, critic_accuracy_heldout
//                       mean over the last third of R
std::vector<StabilityMeasure> stability_measures(const std::vector<CurveRow>& rows,
                                                 const StabilitySettings& settings = {});

}  // namespace ganselect
