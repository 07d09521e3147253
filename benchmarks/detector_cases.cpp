// A detector on made-up images, from uint8 in memory to features in memory.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <memory>

#include "base/torch/device.h"
#include "base/torch/generators.h"
#include "benchmarks/cases.h"
#include "metrics/detectors/detector.h"

namespace ganselect {

void register_detector_cases(const BenchSettings& settings) {
  const std::shared_ptr<Detector> detector =
      load_detector(settings.detector, parse_device(settings.device));
  auto random = make_stream(1, "benchmark");
  const auto images = torch::randint(0, 256, {settings.samples, 3, 32, 32}, random, torch::kUInt8);
  benchmark::RegisterBenchmark(
      ("detect/" + detector->name() + "/" + std::to_string(settings.samples)).c_str(),
      [detector, images, threads = settings.threads](benchmark::State& state) {
        at::set_num_threads(static_cast<int>(threads));
        for (auto _ : state) benchmark::DoNotOptimize(detect_all(*detector, images));
        state.counters["images/s"] = benchmark::Counter(
            static_cast<double>(images.size(0)), benchmark::Counter::kIsIterationInvariantRate);
      })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime()
      ->Iterations(1);
}

}  // namespace ganselect
