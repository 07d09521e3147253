// What works at all. A network that collapsed, or that is no better than noise, is recommended for
// no wish, however cheap it is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/records/baselines.h"
#include "selection/evidence/evidence.h"
#include "selection/query/use_case.h"

namespace ganselect {

/// How the reason of a candidate that does not work begins.
inline constexpr const char* kDoesNotWork = "does not work here";

/// Why the candidate is never recommended, as "collapsed in 2 of 3 trials"; nothing when it works.
/// It does not where half of its trials or more diverged or collapsed, where its mean FID is not
/// below that of noise by the same detector and number of samples (not judged where that is not
/// known), and where it shows a tenth of the modes or less.
std::optional<std::string> does_not_work(const CandidateEvidence& candidate,
                                         std::span<const Baseline> baselines);

/// Why the candidate stands outside any order for such constraints: the first one that it does not
/// meet, or that it does not work.
std::optional<std::string> reason_to_exclude(const CandidateEvidence& candidate,
                                             const std::vector<Constraint>& constraints,
                                             std::span<const Baseline> baselines);

}  // namespace ganselect
