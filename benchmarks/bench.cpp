#include "benchmarks/bench.h"

#include <benchmark/benchmark.h>

#include <sstream>

#include "base/provenance.h"
#include "base/torch/device.h"
#include "benchmarks/cases.h"
#include "models/candidates.h"

namespace ganselect {
namespace {

BenchSettings resolved(const BenchSettings& given) {
  // Through JSON and back, so that the ranges are checked.
  auto settings = settings_from_json<BenchSettings>(settings_to_json(given), "bench");
  settings.candidates.clear();
  settings.device = parse_device(settings.device).str();
  for (const auto& name : given.candidates) settings.candidates.push_back(parse_point(name).name);
  if (!given.candidates.empty()) return settings;
  for (const auto& candidate : candidates()) settings.candidates.push_back(candidate.name);
  return settings;
}

void add_context(const std::string& prefix, const Json& values) {
  for (const auto& [key, value] : values.items()) {
    benchmark::AddCustomContext(prefix + key,
                                value.is_string() ? value.get<std::string>() : value.dump());
  }
}

void describe_run(const BenchSettings& settings, const MatrixRate& rate) {
  benchmark::AddCustomContext("device", describe_device(torch::Device(settings.device)));
  benchmark::AddCustomContext("matrix_rate_dtype", rate.dtype);
  std::ostringstream flops;
  flops << rate.flops_per_second;
  benchmark::AddCustomContext("matrix_rate_flops_per_second", flops.str());
  add_context("ganselect_", provenance());
  add_context("setting_", settings_to_json(settings));
}

// Google Benchmark takes its options as a command line.
void initialize(const BenchSettings& settings) {
  std::vector<std::string> words = {
      "ganselect bench", "--benchmark_repetitions=" + std::to_string(settings.repetitions),
      "--benchmark_counters_tabular=true"};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
}

}  // namespace

const NamedTable<BenchKind>& bench_kinds() {
  static const NamedTable<BenchKind> table(
      "kind", {{.name = "all", .explanation = "everything", .training = true, .measures = true},
               {.name = "training", .explanation = "training steps", .training = true},
               {.name = "measures", .explanation = "the families of measures", .measures = true},
               {.name = "detectors", .explanation = "one detector", .detectors = true},
               {.name = "matrix", .explanation = "the device's matrix rate alone"}});
  return table;
}

void run_benchmarks(const BenchSettings& given, bool json, std::ostream& out) {
  const auto settings = resolved(given);
  const auto rate = measure_matrix_rate(torch::Device(settings.device),
                                        static_cast<int>(settings.threads * settings.concurrent));
  initialize(settings);
  describe_run(settings, rate);
  benchmark::ClearRegisteredBenchmarks();
  register_matrix_case(rate);
  const auto& kind = bench_kinds().at(settings.kind);
  if (kind.training) register_training_cases(settings, rate);
  if (kind.measures) register_measure_cases(settings);
  if (kind.detectors) register_detector_cases(settings);
  benchmark::JSONReporter as_json;
  benchmark::ConsoleReporter as_table(benchmark::ConsoleReporter::OO_Tabular);
  benchmark::BenchmarkReporter& reporter =
      json ? static_cast<benchmark::BenchmarkReporter&>(as_json) : as_table;
  std::ostringstream remarks;
  reporter.SetOutputStream(&out);
  reporter.SetErrorStream(&remarks);
  benchmark::RunSpecifiedBenchmarks(&reporter, ".*");
  benchmark::ClearRegisteredBenchmarks();
}

void register_matrix_case(const MatrixRate& rate) {
  benchmark::RegisterBenchmark("matrix_product",
                               [rate](benchmark::State& state) {
                                 for (auto _ : state) state.SetIterationTime(1.0);
                                 state.counters["FLOP/s"] = rate.flops_per_second;
                                 state.SetLabel(rate.dtype);
                               })
      ->Iterations(1)
      ->UseManualTime();
}

}  // namespace ganselect
