// One iteration (n_critic critic updates and one generator update) of every unconditional
// candidate, on one CPU thread at quarter width: the cost that a sweep on a small machine is made
// of.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include "base/torch/generators.h"
#include "harness/train/trainer.h"
#include "models/candidates.h"
#include "models/cost.h"

namespace ganselect {
namespace {

Dataset noise_images() {
  auto random = make_stream(0, "benchmark");
  Dataset data;
  data.name = "noise";
  data.split = "train";
  data.shape = SampleShape::image(3, 32, 32);
  data.samples = torch::randint(0, 256, {512, 3, 32, 32}, random, torch::kLong).to(torch::kByte);
  data.digest = content_digest(data.samples, {});
  return data;
}

void time_step(benchmark::State& state, const std::string& candidate) {
  static const Dataset data = noise_images();
  TrainSettings settings;
  settings.point = candidate;
  settings.dataset = data.name;
  settings.width = 0.25;
  Trainer trainer(settings, data);
  trainer.step();  // first-use costs of the libraries
  for (auto _ : state) trainer.step();
  const double flops = update_cost(trainer.candidate(), trainer.networks()).flops;
  state.counters["updates/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["GFLOP/s"] = benchmark::Counter(
      1e-9 * flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

const bool registered = [] {
  for (const auto& candidate : candidates()) {
    if (candidate.needs_labels) continue;
    benchmark::RegisterBenchmark(
        ("train_step/" + candidate.name).c_str(),
        [name = candidate.name](benchmark::State& state) { time_step(state, name); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime()
        ->MinTime(1.0);
  }
  return true;
}();

}  // namespace
}  // namespace ganselect
