// The families of measures on features of a judge's width, by the number of samples a side.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include "base/torch/generators.h"
#include "metrics/measure.h"

namespace ganselect {
namespace {

constexpr std::int64_t kFeatures = 256;

EvaluationInput made_up_input(std::int64_t samples) {
  auto random = make_stream(1, "benchmark");
  const auto draw = [&](double shift) {
    return torch::relu(torch::randn({samples, kFeatures}, random) + shift);
  };
  EvaluationInput input;
  input.real.features = draw(0.0);
  input.fake.features = draw(0.1);
  input.heldout.features = draw(0.0);
  input.fake.logits = 3 * torch::randn({samples, 10}, random);
  input.real.logits = 3 * torch::randn({samples, 10}, random);
  return input;
}

void time_family(benchmark::State& state, const std::string& family) {
  const EvaluationInput input = made_up_input(state.range(0));
  EvaluationSettings settings;
  settings.metrics = {family};
  for (auto _ : state) benchmark::DoNotOptimize(measure_samples(input, settings));
}

const bool registered = [] {
  for (const char* family :
       {"fid", "kid", "inception_score", "prdc", "modes", "ndb", "memorization"}) {
    benchmark::RegisterBenchmark(
        (std::string("measure/") + family).c_str(),
        [name = std::string(family)](benchmark::State& state) { time_family(state, name); })
        ->Arg(2000)
        ->Arg(10000)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime()
        ->Iterations(1);
  }
  return true;
}();

}  // namespace
}  // namespace ganselect
