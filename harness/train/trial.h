#pragma once
// One trial from its settings to its files: resumable, interruptible, nothing half written.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "datasets/dataset.h"
#include "harness/train/curve.h"
#include "harness/train/settings.h"
#include "harness/train/trainer.h"

namespace ganselect {

// What an evaluation gives back.
struct Evaluation {
  std::vector<std::pair<std::string, double>>
      values;                    // into the curve row; what is missing is left out
  Json record = Json::object();  // an object, kept as it is in TrialResult::evaluations
};

// Where a trial stands.
struct TrialProgress {
  std::int64_t step = 0;          // generator updates done
  std::int64_t steps = 0;         // of so many
  double seconds = 0;             // training time so far, earlier runs included
  const CurveRow* row = nullptr;  // the last row; null before the first
};

struct TrialCallbacks {
  // Called every evaluation_interval steps, after those of TrialOptions::evaluation_steps, and
  // after the last step; empty: no evaluations. It must leave the trainer as it found it
  // (draw_samples does).
  std::function<Evaluation(Trainer&, const TrialProgress&)> evaluate;
  // Called after a step, at most ten times a second, and after the last; may be empty.
  std::function<void(const TrialProgress&)> progress;
  // True: save the state and stop before the next step. Empty: the signal flag of base/interrupt.h.
  std::function<bool()> stop;
};

// How a trial is run; none of this changes its outcome but extra_settings, which say so.
struct TrialOptions {
  double checkpoint_seconds = 30.0;            // wall time between checkpoints
  StepOptions steps;                           // how iterations are run
  std::vector<std::int64_t> evaluation_steps;  // further steps to evaluate after
  bool tensorboard = false;                    // also event_file.h's view of the curve
  bool tell_resuming = true;                   // a log line that says from where a trial goes on
  std::int64_t grid_samples = 64;  // images in samples.png (1000 points instead, for point sets)
  Json extra_settings =
      Json::object();  // further choices that make the trial what it is, e.g. "evaluation"
};

struct TrialEnding {
  std::string name;                  // "finished", "diverged", "collapsed" or "interrupted"
  std::optional<std::int64_t> step;  // of divergence, collapse or interruption
  std::string reason;                // empty if finished
};

struct TrialResult {
  TrialEnding status;
  std::int64_t steps_done = 0;
  double train_seconds = 0;
  std::string step_mode;  // Trainer::step_mode of this run
  std::vector<CurveRow> rows;
  Json evaluations = Json::array();  // each {"step", "seconds", and the keys of Evaluation::record}
  std::vector<std::string> warnings;                                // a collapse that was let go on
  std::vector<std::pair<std::string, std::optional<double>>> cost;  // see cost.h
  Json files = Json::object();  // what lies in the folder: {"curve": "curve.csv", ...}
};

// Trains into `folder` (made if missing), taking up where an earlier run with the same settings and
// data stopped. settings.json is written before step 1; curve.csv and checkpoint.safetensors at
// intervals, before and after evaluations, on a stop and at the end; generator.safetensors before
// the last evaluation and samples.png at the end, unless the trial diverged. A trial that had ended
// is not trained again, one that had finished with fewer steps is trained on, and one whose
// evaluation failed or was cut off goes on with that. kUsage
// naming the key if the folder was started otherwise, kData for files that cannot be read.
TrialResult run_trial(const TrainSettings& settings, const Dataset& train, const Dataset* held_out,
                      const TrialCallbacks& callbacks, const TrialOptions& options,
                      const std::filesystem::path& folder);

}  // namespace ganselect
