// Names that are one training: a sweep trains the first of them alone.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/json.h"
#include "harness/train/settings.h"

namespace ganselect {

// The candidate of a trial as it is recorded.
using CandidateOf = std::function<Json(const TrainSettings&)>;
Json recorded_candidate(const TrainSettings& settings);

// All that decides what is trained, whatever it is called: equal for two trials of one training.
// A candidate that names another as `same_training` is that one.
Json training_identity(const TrainSettings& settings,
                       const CandidateOf& candidate_of = recorded_candidate);

// For each trial the index of the one that stands for its training: the name that the others name,
// else a candidate before a point, else the first.
std::vector<std::size_t> standing_trials(const std::vector<TrainSettings>& trials,
                                         const CandidateOf& candidate_of = recorded_candidate);

}  // namespace ganselect
