// A plan's trials, several at once, resumable trial by trial and within each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "harness/sweep/plan.h"
#include "harness/train/capture/step_runner.h"

namespace ganselect {

struct SweepSettings {
  std::filesystem::path out;  // folder of the trials
  std::filesystem::path data_dir;
  std::string device = "auto";
  std::int64_t jobs =
      0;  // trials at once; 0: as many as there are cores on a CPU, as many as pay on a GPU
  StepOptions steps;                           // how iterations are run
  std::optional<std::filesystem::path> cache;  // folder of reference features; none: not kept
  std::optional<double> time_budget_seconds;   // stop (with the state saved) after so long
  bool tensorboard = false;                    // TensorBoard's events beside every trial's curve
  // Only every `shards`-th trial, from number `shard` (0 to shards - 1) on.
  std::int64_t shard = 0, shards = 1;
  // Start no trial that would be cut off by the budget, as foretold by its operations and by what
  // finished trials took; the shortest is the first where none has. For machines that keep no
  // checkpoints.
  bool only_whole_trials = false;
};

// How one trial ended, or that it has not.
struct SweepTrial {
  std::string trial_id;
  std::string status;  // "finished", "diverged", "collapsed", "failed", "unfinished"
  std::string reason;
};

struct SweepResult {
  std::vector<SweepTrial> trials;
  bool stopped_by_budget = false;
  bool interrupted = false;
  std::size_t count(const std::string& status) const;
};

// The trainings that a sweep, or its shard, holds by its plan; the data may leave some out. Loads
// nothing. kUsage for a shard that is none.
std::int64_t trainings_of(const Plan& plan, const SweepSettings& settings);

// What became of each trial so far: its status, "running" with its holder, "begun" (it can be gone
// on with) or "not begun". Writes nothing.
std::vector<SweepTrial> sweep_status(const Plan& plan, const SweepSettings& settings);

// Runs what is not finished yet and not with another process, the longest trials first; waits for
// what others train, and takes over what a dead one left. One trial that fails does not stop the
// others; its record says why, and a later call tries it again. Progress on standard error.
SweepResult run_sweep(const Plan& plan, const SweepSettings& settings);

// What a sweep will take, measured by a few updates and one evaluation of each distinct trial.
struct TrialEstimate {
  std::string trial_id;
  double train_seconds = 0, evaluation_seconds = 0;
  double disk_bytes = 0;
  bool finished = false;  // already has its record: costs nothing
};
struct SweepEstimate {
  std::vector<TrialEstimate> trials;
  std::int64_t jobs = 1;
  double seconds = 0;       // of all unfinished trials, `jobs` at a time
  double memory_bytes = 0;  // resident, `jobs` at a time
  double disk_bytes = 0;
};
SweepEstimate estimate_sweep(const Plan& plan, const SweepSettings& settings);
Json to_json(const SweepEstimate& estimate);

}  // namespace ganselect
