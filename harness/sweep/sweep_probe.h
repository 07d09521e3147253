// Short measurements that a sweep's dry run is made of.
#pragma once

#include <cstdint>
#include <string>

#include "harness/evaluate/evaluation.h"
#include "harness/sweep/trial_job.h"

namespace ganselect {

struct TrialProbe {
  double seconds_per_update = 0;
  double evaluation_seconds = 0;  // all evaluations of the trial together
};

// Times a few updates of the trial's own networks on its own data (the first, slower one left out),
// and reads the cost of evaluations off one with few samples. Leaves no trace.
TrialProbe probe_trial(const TrainSettings& settings, const TrialData& data, Evaluator& evaluator,
                       const StepOptions& steps = {});

// Resident memory of this process, bytes.
double resident_bytes();

}  // namespace ganselect
