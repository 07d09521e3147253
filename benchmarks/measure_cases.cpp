// The families of measures on made-up features of a judge's width.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <memory>

#include "base/torch/generators.h"
#include "benchmarks/cases.h"
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

void time_family(benchmark::State& state, const EvaluationInput& input, const std::string& family) {
  EvaluationSettings settings;
  settings.metrics = {family};
  for (auto _ : state) benchmark::DoNotOptimize(measure_samples(input, settings));
}

}  // namespace

void register_measure_cases(const BenchSettings& settings) {
  const auto input = std::make_shared<const EvaluationInput>(made_up_input(settings.samples));
  for (const char* family :
       {"fid", "kid", "inception_score", "prdc", "modes", "ndb", "memorization"}) {
    benchmark::RegisterBenchmark(
        ("measure/" + std::string(family) + "/" + std::to_string(settings.samples)).c_str(),
        [input, name = std::string(family)](benchmark::State& state) {
          time_family(state, *input, name);
        })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime()
        ->Iterations(1);
  }
}

}  // namespace ganselect
