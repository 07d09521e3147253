// Which candidates meet a use case's constraints, judged by their trials.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "selection/evidence/evidence.h"
#include "selection/query/use_case.h"

namespace ganselect {

/// How the reason of a candidate that is not among those named in ends.
inline constexpr const char* kNotNamed = "not named";

/// Why the candidate fails the first constraint that it does not meet, as "constraint train_seconds
/// <= 600: 812 s on average"; nothing when it meets all. What was not measured is not met.
/// train_seconds is compared with the mean, memory_bytes with the largest trial, modes and measures
/// (fid, recall, coverage, precision) with the worst trial, so that "at least 9" holds for each
/// seed.
std::optional<std::string> unmet_constraint(const CandidateEvidence& candidate,
                                            const std::vector<Constraint>& constraints);

/// Whether a constraint bars a point of the search space, given as all that is known under it: the
/// point itself and the candidates that have its four parameters. Judged by names, extensions and
/// labels; what has to be measured bars nothing here.
bool is_barred(const std::vector<const RecordCandidate*>& known_as,
               const std::vector<Constraint>& constraints);

}  // namespace ganselect
