// What the program costs in time: training steps of candidates, the measures and a detector, timed
// by Google Benchmark.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "base/settings_io.h"
#include "harness/train/settings.h"

namespace ganselect {

struct BenchSettings {
  std::vector<std::string> candidates;  // names or points; empty: every candidate
  std::string kind = "all";             // a row of bench_kinds()
  std::int64_t batch = 64;              // samples a side of every update
  double width = 1.0;                   // factor on the backbone's channels
  std::string device = "cpu";           // as base/torch/device.h parses it
  std::string precision = "fp32";       // a row of precisions()
  std::int64_t threads = 1;             // CPU threads inside one operation
  std::int64_t concurrent = 1;    // trials trained at once, a host thread each, beside one alone
  double seconds = 2.0;           // at least, timed of each case
  std::int64_t repetitions = 1;   // timed blocks of each case
  std::int64_t samples = 10'000;  // samples a side that the measures read, images detected
  std::string detector = "judge-cifar10";  // of the cases of detectors
};

// What is timed.
struct BenchKind {
  std::string name;         // "all", "training", "measures", "detectors", "matrix"
  std::string explanation;  // one line for help texts
  bool training = false, measures = false, detectors = false;
};
const NamedTable<BenchKind>& bench_kinds();

template <class Visitor>
void describe(Visitor& v, BenchSettings& s) {
  v.field("batch", s.batch, "samples a side of every update", at_least(2));
  v.field("width", s.width, "factor on the backbone's channels; 1: as published", above(0));
  v.field("kind", s.kind, "what is timed", one_of(bench_kinds().names()));
  v.field("device", s.device, "cpu, cuda, cuda:N or auto");
  v.field("precision", s.precision, "numbers the networks compute in",
          one_of(precisions().names()));
  v.field("threads", s.threads, "CPU threads inside one operation", at_least(1));
  v.field("concurrent", s.concurrent, "trials trained at once; 1: each alone only", at_least(1));
  v.field("seconds", s.seconds, "timed of each case, at least", above(0));
  v.field("repetitions", s.repetitions, "timed blocks of each case", at_least(1));
  v.field("samples", s.samples, "samples a side that the measures read", at_least(100));
  v.field("detector", s.detector, "detector that is timed");
}

// Runs the cases and writes Google Benchmark's report: a table for people as the cases end, or
// its JSON, of which "context" carries device, versions and settings. Cases:
//   matrix_product            the fastest of several large products, `FLOP/s`
//   train/CANDIDATE           one trial; counters updates/s, images/s (real ones the critic sees),
//                             FLOP/s (executed), share_of_matrix_rate, flops_per_update,
//                             published_flops_per_update, peak_memory_bytes (tensors of one trial,
//                             scratch memory of libraries left out), parameters_g, parameters_d
//   train/CANDIDATE/threads:J the same for J concurrent trials together; memory summed
//   detect/NAME/SAMPLES       features of so many 32x32 images, from uint8 in memory; counter
//                             images/s
//   measure/FAMILY/SAMPLES    one call of a family of measures on features of a judge's width
// Data are noise, labels and neighbourhoods included: no measure of quality comes out. kUsage for
// settings out of range and unknown candidates. Once in a process at a time.
void run_benchmarks(const BenchSettings& settings, bool json, std::ostream& out);

}  // namespace ganselect
