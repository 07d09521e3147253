#include "harness/sweep/forecast.h"

#include <algorithm>
#include <utility>

#include "harness/train/trainer.h"
#include "models/cost.h"

namespace ganselect {

double training_operations(const TrainSettings& settings, const TrialData& data) {
  const auto candidate = resolve_candidate(settings);
  const Networks networks = build_networks(
      candidate,
      build_settings(settings, data.train.shape, data_conditioning(candidate, data.train)),
      settings.seed);
  return update_cost(candidate, networks).flops * static_cast<double>(settings.steps);
}

Forecast::Forecast(std::vector<double> operations) : operations_(std::move(operations)) {}

void Forecast::learn(std::size_t trial, double training_seconds, double other_seconds) {
  const std::scoped_lock lock(mutex_);
  const double rate = training_seconds / operations_.at(trial);
  seconds_per_operation_ = std::max(seconds_per_operation_.value_or(0), rate);
  other_seconds_ = std::max(other_seconds_, other_seconds);
}

std::optional<double> Forecast::seconds(std::size_t trial) const {
  const std::scoped_lock lock(mutex_);
  if (!seconds_per_operation_) return std::nullopt;
  return *seconds_per_operation_ * operations_.at(trial) + other_seconds_;
}

std::vector<std::size_t> Forecast::longest_first(std::vector<std::size_t> trials,
                                                 bool learn_first) const {
  std::stable_sort(trials.begin(), trials.end(), [&](std::size_t a, std::size_t b) {
    return operations_.at(a) > operations_.at(b);
  });
  const std::scoped_lock lock(mutex_);
  if (learn_first && !seconds_per_operation_ && trials.size() > 1)
    std::rotate(trials.rbegin(), trials.rbegin() + 1, trials.rend());
  return trials;
}

}  // namespace ganselect
