// Synthetic features for tests of measures; every draw comes from a seed.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "base/torch/generators.h"
#include "metrics/measure.h"

namespace ganselect::test {

// float64 (n,d), independent N(mean, scale^2).
inline torch::Tensor gaussian(int64_t n, int64_t d, std::uint64_t seed, double mean = 0,
                              double scale = 1) {
  return torch::randn({n, d}, make_stream(seed, "test features"), torch::kFloat64) * scale + mean;
}

// float64 (n,d): samples of round clusters (sd 0.1) around the first `modes` of fixed centres 10
// apart.
inline torch::Tensor clusters(int64_t n, int64_t d, int64_t modes, std::uint64_t seed) {
  const auto which = torch::arange(n, torch::kInt64).remainder(modes);
  auto centres = torch::zeros({modes, d}, torch::kFloat64);
  for (int64_t m = 0; m < modes; ++m) centres[m][m % d] = 10.0 * static_cast<double>(1 + m / d);
  return centres.index_select(0, which) + gaussian(n, d, seed, 0, 0.1);
}

inline torch::Tensor reversed_rows(const torch::Tensor& rows) { return rows.flip(0); }

inline EvaluationInput feature_input(const torch::Tensor& real, const torch::Tensor& fake) {
  EvaluationInput input;
  input.real.features = real;
  input.fake.features = fake;
  return input;
}

// The measures of one family.
inline Measures measure_family(const char* family, const EvaluationInput& input,
                               EvaluationSettings settings = {}) {
  settings.metrics = {family};
  return measure_samples(input, settings);
}

}  // namespace ganselect::test
