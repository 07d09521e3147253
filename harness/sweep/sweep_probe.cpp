#include "harness/sweep/sweep_probe.h"

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
  const auto on_stream = trainer.use_stream();
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

// Seconds an update takes once the first, slower ones are done.
double seconds_per_update(Trainer& trainer) {
  constexpr double kEnoughSeconds = 0.3;  // of updates: a rate within some percent
  constexpr int kMostUpdates = 20;
  // A GPU works on while the next steps are asked for, so single ones cannot be timed.
  const int between_waits = trainer.device().is_cpu() ? 1 : 16;
  const int warm_ups = trainer.device().is_cpu() ? 1 : kWarmUpSteps + 1;
  for (int i = 0; i < warm_ups; ++i) trainer.step();
  trainer.synchronize();
  const auto start = Clock::now();
  int waits = 0;
  while (waits < 2 || (waits < kMostUpdates && seconds_since(start) < kEnoughSeconds)) {
    for (int i = 0; i < between_waits; ++i) trainer.step();
    trainer.synchronize();
    ++waits;
  }
  return seconds_since(start) / (waits * between_waits);
}

}  // namespace

TrialProbe probe_trial(const TrainSettings& settings, const TrialData& data, Evaluator& evaluator,
                       const StepOptions& steps) {
  at::set_num_threads(static_cast<int>(settings.threads));
  Trainer trainer(settings, data.train, nullptr, steps);
  TrialProbe probe;
  probe.seconds_per_update = seconds_per_update(trainer);
  const auto& plan = evaluator.plan();
  std::int64_t along =
      settings.evaluation_interval > 0 ? (settings.steps - 1) / settings.evaluation_interval : 0;
  for (const auto step : plan.evaluation_steps) {
    const bool beside =
        settings.evaluation_interval == 0 || step % settings.evaluation_interval != 0;
    along += beside && step < settings.steps ? 1 : 0;
  }
  const auto detectors = 1 + static_cast<std::int64_t>(plan.detectors.size());
  const double samples = static_cast<double>(
      along * plan.checkpoint_samples + detectors * plan.num_samples +
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
