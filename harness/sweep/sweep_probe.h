// Short measurements that a sweep's time left and its dry run are judged by.
#pragma once

#include <cstdint>
#include <string>

#include "harness/evaluate/evaluation.h"
#include "harness/sweep/trial_job.h"

namespace ganselect {

struct TrialProbe {
  double seconds_per_update = 0;
  double evaluation_seconds = 0;  // all evaluations of the trial together
  std::string step_mode;          // Trainer::step_mode
  double device_bytes = 0;        // memory taken on the GPU, evaluation included; 0 on the CPU
  double total(std::int64_t steps) const {
    return seconds_per_update * static_cast<double>(steps) + evaluation_seconds;
  }
};

// Times a few updates of the trial's own networks on its own data (the first, slower one left out),
// and reads the cost of evaluations off one with few samples. Leaves no trace.
TrialProbe probe_trial(const TrainSettings& settings, const TrialData& data, Evaluator& evaluator,
                       const StepOptions& steps = {});

// Resident memory of this process, bytes.
double resident_bytes();

}  // namespace ganselect
