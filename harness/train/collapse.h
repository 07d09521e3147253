#pragma once
// The collapse guard: judges the curve rows of a running trial. A pure function, so a resumed trial
// finds the same.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/train/curve.h"

namespace ganselect {

struct CollapseFinding {
  std::int64_t step = 0;  // of the row at which the trial counts as collapsed
  std::string reason;     // one line with the figures
};

// The first finding, or nothing. Two rows in a row must show it:
//  - samples alike: sample_diversity below kCollapsedDiversity after it once was above
//  kHealthyDiversity;
//  - critic saturated: real and fake accuracy both at least kSaturatedAccuracy while at least half
//  of the generator's
//    gradients vanish, so that nothing is left to learn from.
inline constexpr double kHealthyDiversity = 0.3;
inline constexpr double kCollapsedDiversity = 0.1;
inline constexpr double kSaturatedAccuracy = 0.999;
std::optional<CollapseFinding> find_collapse(const std::vector<CurveRow>& rows);

}  // namespace ganselect
