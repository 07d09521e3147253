// A plan made concrete, before anything runs.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/evaluate/evaluation.h"
#include "harness/sweep/sweep.h"
#include "harness/sweep/trial_job.h"

namespace ganselect {

// A plan made concrete: its trials on one device, the data they share, and their folders.
struct PreparedSweep {
  std::vector<TrainSettings> trials;
  std::vector<SweepTrial> skipped;  // conditional ones that the data cannot train
  std::vector<std::string> ids;
  std::map<DataKey, TrialData> data;
  std::map<DataKey, std::unique_ptr<Evaluator>> evaluators;
  torch::Device device = torch::kCPU;
  std::int64_t jobs = 1;
  bool finds_jobs = false;  // more at once are tried where iterations are captured
};

// Loads the data, names the trials and leaves out what cannot be trained here or is trained under
// another name. Writes nothing.
PreparedSweep prepare_sweep(const Plan& plan, const SweepSettings& settings);

// A record of a failed trial does not count: the next run tries again.
bool is_finished(const std::filesystem::path& folder);

}  // namespace ganselect
