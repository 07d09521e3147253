// One trial from settings to record: carries data, samples and measures from layer to layer.
#pragma once

#include <compare>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/evaluate/evaluation.h"
#include "harness/train/settings.h"
#include "harness/train/trial.h"
#include "results/records/record.h"

namespace ganselect {

// Of the samples' features, beside the networks.
inline constexpr const char* kStatisticsFile = "statistics.safetensors";

// What a trial is trained and measured on; shared by the trials of a sweep.
struct TrialData {
  Dataset train;
  std::optional<Dataset> held_out;              // never trained on: see load_trial_data
  std::optional<Dataset> unseen;                // the classes that the trial leaves out of training
  std::shared_ptr<Detector> instance_detector;  // null: told neither instances nor clusters
};

// How much of the training split is used: TrainSettings::dataset_limit and dataset_draw.
struct DataLimit {
  std::int64_t count = 0;             // 0: all
  std::optional<std::uint64_t> draw;  // none: the first ones
  auto operator<=>(const DataLimit&) const = default;
};
DataLimit data_limit(const TrainSettings& settings);

// What trials must share to be trained on one TrialData: the limit, and what a candidate is told
// that is made of the data.
struct DataKey {
  DataLimit limit;
  bool instances = false;
  std::int64_t clusters = 0;  // 0: none
  std::vector<std::string> without_classes;
  auto operator<=>(const DataKey&) const = default;
};
DataKey data_key(const TrainSettings& settings);

// Loads both splits. A limit keeps so many training samples; then up to 10,000 of the training
// images left out are the held-out ones, so that the two differ in nothing but having been trained
// on. Otherwise the test split is, where there is one.
TrialData load_trial_data(const std::string& dataset, const std::filesystem::path& data_dir,
                          const DataLimit& limit = {});

struct TrialJob {
  TrainSettings settings;
  std::filesystem::path folder;
  std::optional<std::string> plan;                     // name of the plan it belongs to
  double checkpoint_seconds = 30;                      // wall time between checkpoints
  StepOptions steps;                                   // how iterations are run
  bool tensorboard = false;                            // as TrialOptions has it
  bool tell_resuming = true;                           // as TrialOptions has it
  std::function<void(const TrialProgress&)> progress;  // may be empty
  std::function<bool()> stop;                          // may be empty: base/interrupt.h is asked
  bool claimed = false;                                // the caller holds the folder's lease
};

// Where another process trains in the folder, kFailed names it.
//
// Trains (or goes on training), measures, and writes record.json last. Returns the record, or
// nothing when the trial was stopped with its state saved. A trial that already has its record is
// returned as it is, one with a record of fewer steps trained on. A trial that diverged has a
// record with its status; errors that are not the candidate's (a full disk, no memory) are thrown.
std::optional<Record> run_trial_job(const TrialJob& job, const TrialData& data,
                                    Evaluator& evaluator);

// TensorBoard's events of a trial that has its record already, as far as they are not there yet;
// nothing where the trial left no curve.
void write_trial_events(const std::filesystem::path& folder);

// The record of a trial that could not be run at all, with the reason.
Record failed_record(const TrialJob& job, const TrialData& data, const Evaluator& evaluator,
                     const std::string& reason);

// `count` samples of a generator with "raw" or "ema" weights, asked for conditions of the table
// where there is one; drawn while they are measured, so the generator must outlive them.
SampleInput draw_for_measuring(Generator& generator, const ConditionTable& conditions,
                               const std::string& weights, std::int64_t count,
                               const EvaluationPlan& plan);

}  // namespace ganselect
