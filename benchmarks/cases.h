// The groups of cases, entered in Google Benchmark's registry by one call each.
#pragma once

#include "benchmarks/bench.h"
#include "benchmarks/matrix_rate.h"

namespace ganselect {

void register_matrix_case(const MatrixRate& rate);
// candidates: resolved, none empty.
void register_training_cases(const BenchSettings& settings, const MatrixRate& rate);
void register_measure_cases(const BenchSettings& settings);
void register_detector_cases(const BenchSettings& settings);

}  // namespace ganselect
