// How the leader of a ranking depends on the weights, and what further seeds would tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "selection/ranking/ranking.h"

namespace ganselect {

/// For each criterion that every ranked candidate has evidence of, the nearest weights at which the
/// leader changes. Scores are linear in the weights (SPOTIS), so the crossings are exact.
std::vector<WeightSensitivity> weight_sensitivity(const Ranking& ranking);

/// What the seeds at hand can tell of the two candidates at the top.
struct ClosestCall {
  std::string first, second;
  double gap = 0.0;  ///< of their scores
  /// Smallest true gap that these seeds would find in 8 of 10 cases at the 95% level (Welch);
  /// absent where one of them has a single seed.
  std::optional<double> detectable;
  /// Seeds each that would find a gap as large as the measured one so; absent where unknown or
  /// more than 1000.
  std::optional<std::size_t> seeds_needed;
  std::string note;  ///< why something is absent
};

/// The call between the first and the second; nothing with fewer than two ranked.
std::optional<ClosestCall> closest_call(const Ranking& ranking);

}  // namespace ganselect
