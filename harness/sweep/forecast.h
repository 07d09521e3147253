// How long trials take, foretold by the operations of their training and by what finished trials
// took: nothing is measured for it alone.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "harness/sweep/trial_job.h"

namespace ganselect {

// Floating-point operations of the whole training (models/cost.h), evaluations left out; builds the
// trial's networks once for the shapes alone.
double training_operations(const TrainSettings& settings, const TrialData& data);

// For one sweep; may be used by several threads.
class Forecast {
 public:
  // Each trial's training_operations, all > 0.
  explicit Forecast(std::vector<double> operations);

  // What a finished trial's training took, and all that came beside it: evaluations, files.
  void learn(std::size_t trial, double training_seconds, double other_seconds);

  // By the slowest rate so far and the most that came beside; none before anything was learned.
  std::optional<double> seconds(std::size_t trial) const;

  // The trials, those of most operations first, equal ones in their order. With `learn_first` and
  // nothing learned yet the shortest leads, as it is what teaches the rate soonest.
  std::vector<std::size_t> longest_first(std::vector<std::size_t> trials, bool learn_first) const;

  const std::vector<double>& operations() const { return operations_; }

 private:
  std::vector<double> operations_;
  mutable std::mutex mutex_;
  std::optional<double> seconds_per_operation_;
  double other_seconds_ = 0;
};

}  // namespace ganselect
