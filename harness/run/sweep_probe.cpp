#include "harness/run/sweep_probe.h"

#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "harness/train/trainer.h"

namespace ganselect {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Seconds that generating and measuring one more sample takes, from two small counts: their
// difference leaves out what is paid once.
double seconds_per_sample(Trainer& trainer, Evaluator& evaluator) {
  constexpr std::int64_t kFew = 64, kMore = 256;
  const auto time = [&](std::int64_t count) {
    const auto start = Clock::now();
    evaluator.measure_briefly(draw_for_measuring(
        trainer.evaluated_generator(), trainer.conditions(), "raw", count, evaluator.plan()));
    return seconds_since(start);
  };
  time(kFew);
  const double few = time(kFew);
  return std::max(0.0, time(kMore) - few) / static_cast<double>(kMore - kFew);
}

}  // namespace

TrialProbe probe_trial(const TrainSettings& settings, const TrialData& data, Evaluator& evaluator) {
  constexpr double kEnoughSeconds = 0.3;  // of updates: a rate within some percent
  constexpr int kMostUpdates = 20;
  at::set_num_threads(static_cast<int>(settings.threads));
  Trainer trainer(settings, data.train, nullptr);
  trainer.step();
  trainer.synchronize();
  const auto start = Clock::now();
  int updates = 0;
  while (updates < 2 || (updates < kMostUpdates && seconds_since(start) < kEnoughSeconds)) {
    trainer.step();
    trainer.synchronize();
    ++updates;
  }
  TrialProbe probe;
  probe.seconds_per_update = seconds_since(start) / updates;
  const auto& plan = evaluator.plan();
  const std::int64_t along =
      settings.evaluation_interval > 0 ? (settings.steps - 1) / settings.evaluation_interval : 0;
  const double samples = static_cast<double>(
      along * plan.checkpoint_samples + plan.num_samples +
      (along > 0 && plan.num_samples != plan.checkpoint_samples ? plan.checkpoint_samples : 0));
  probe.evaluation_seconds = samples * seconds_per_sample(trainer, evaluator);
  return probe;
}

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace ganselect
