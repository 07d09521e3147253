// Iterations (n_critic critic updates and one generator update) of candidates, alone and beside one
// another.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include "base/torch/generators.h"
#include "benchmarks/cases.h"
#include "datasets/neighborhoods.h"
#include "datasets/partition.h"
#include "harness/train/memory.h"
#include "harness/train/trainer.h"
#include "models/cost.h"

namespace ganselect {
namespace {

// A GPU is handed steps ahead of time and waited for once in so many.
constexpr std::int64_t kGpuStepsBetweenWaits = 50;

constexpr std::int64_t kImages = 10'000, kClasses = 10;
// As many as judge-cifar10 gives, and neighbours as in the paper's table 1.
constexpr std::int64_t kInstanceFeatures = 256, kNeighbors = 50, kStored = 1'000;
constexpr std::int64_t kClusters = 100;

std::shared_ptr<const Neighborhoods> noise_neighborhoods(torch::Generator& random) {
  Neighborhoods made;
  const auto features = torch::randn({kImages, kInstanceFeatures}, random);
  made.features = features / features.norm(2, 1, true);
  made.mirrored = made.features.roll(1, 1);
  made.scale = feature_scale(made.features);
  made.neighbors =
      torch::randint(0, kImages, {kImages, kNeighbors}, random, torch::kLong).to(torch::kInt32);
  made.stored = torch::arange(kStored, torch::kInt32) * (kImages / kStored);
  made.stored_counts = torch::full({kStored}, kImages / kStored, torch::kInt32);
  made.detector = made.data_name = "noise";
  made.data_split = "train";
  return std::make_shared<const Neighborhoods>(std::move(made));
}

// Labels, neighbourhoods and clusters too, for the candidates that are told them.
const Dataset& noise_images() {
  static const Dataset data = [] {
    auto random = make_stream(0, "benchmark");
    Dataset made;
    made.name = "noise";
    made.split = "train";
    made.shape = SampleShape::image(3, 32, 32);
    made.samples =
        torch::randint(0, 256, {kImages, 3, 32, 32}, random, torch::kLong).to(torch::kByte);
    made.labels = torch::randint(0, kClasses, {kImages}, random, torch::kLong);
    for (std::int64_t c = 0; c < kClasses; ++c) made.class_names.push_back(std::to_string(c));
    made.neighborhoods = noise_neighborhoods(random);
    made.digest = content_digest(made.samples, made.labels);
    made.partition = std::make_shared<const Partition>(any_partition(made, kClusters, random));
    return made;
  }();
  return data;
}

TrainSettings train_settings(const BenchSettings& settings, const std::string& candidate,
                             int seed) {
  TrainSettings train;
  train.point = candidate;
  train.dataset = noise_images().name;
  train.seed = static_cast<std::uint64_t>(seed);
  train.batch = settings.batch;
  train.width = settings.width;
  train.device = settings.device;
  train.precision = settings.precision;
  train.threads = settings.threads;
  if (resolve_candidate(train).clusters > 0) train.clusters = kClusters;
  return train;
}

// Google Benchmark sums counters over the threads of a case; what belongs to one trial is given by
// the first alone.
void report(benchmark::State& state, const Trainer& trainer, const MatrixRate& rate,
            std::int64_t peak_bytes) {
  const auto& candidate = trainer.candidate();
  const auto cost = update_cost(candidate, trainer.networks());
  const auto updates = static_cast<double>(state.iterations());
  const auto per_second = [](double count) {
    return benchmark::Counter(count, benchmark::Counter::kIsRate);
  };
  const double images =
      updates * candidate.n_critic / candidate.n_gen * static_cast<double>(candidate.batch);
  state.counters["updates/s"] = per_second(updates);
  state.counters["images/s"] = per_second(images);
  state.counters["FLOP/s"] = per_second(updates * cost.flops);
  state.counters["share_of_matrix_rate"] = per_second(updates * cost.flops / rate.flops_per_second);
  state.counters["peak_memory_bytes"] = static_cast<double>(peak_bytes);
  if (state.thread_index() > 0) return;
  state.counters["flops_per_update"] = cost.flops;
  state.counters["published_flops_per_update"] = cost.published_flops;
  state.counters["parameters_g"] =
      static_cast<double>(parameter_count(*trainer.networks().generator));
  state.counters["parameters_d"] = static_cast<double>(parameter_count(*trainer.networks().critic));
}

void time_steps(benchmark::State& state, const BenchSettings& settings,
                const std::string& candidate, const MatrixRate& rate) {
  const MemoryMeter memory{torch::Device(settings.device)};
  Trainer trainer(train_settings(settings, candidate, state.thread_index()), noise_images());
  const std::int64_t steps = trainer.device().is_cpu() ? 1 : kGpuStepsBetweenWaits;
  const auto run = [&] {
    for (std::int64_t i = 0; i < steps; ++i) trainer.step();
    trainer.synchronize();
  };
  run();  // first-use costs of the libraries, and a captured graph where there is one
  while (state.KeepRunningBatch(steps)) run();
  report(state, trainer, rate, memory.peak_bytes());
}

}  // namespace

void register_training_cases(const BenchSettings& settings, const MatrixRate& rate) {
  noise_images();
  for (const auto& candidate : settings.candidates) {
    auto* const timed = benchmark::RegisterBenchmark(
        ("train/" + candidate).c_str(), [settings, candidate, rate](benchmark::State& state) {
          time_steps(state, settings, candidate, rate);
        });
    timed->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(settings.seconds);
    timed->Threads(1);
    if (settings.concurrent > 1) timed->Threads(static_cast<int>(settings.concurrent));
  }
}

}  // namespace ganselect
