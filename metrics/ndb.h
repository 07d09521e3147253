// Number of statistically different bins (Richardson & Weiss 2018, arXiv:1805.12462) and the
// Jensen-Shannon divergence of the two histograms.
//
// Shapes: N samples, D dimensions, B bins.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace ganselect {

struct BinComparison {
  int64_t different =
      0;  // bins whose shares differ at the two-sided 5% level; a bin empty in both does not count
  double jsd = 0;          // nats, in [0, ln 2]
  torch::Tensor p_values;  // float64 (B), NaN where the test is 0/0
};

// Two-proportion z-test with pooled variance for each bin. real, fake: int64 counts (B), >= 0, each
// with a positive sum: kData.
BinComparison compare_bins(const torch::Tensor& real, const torch::Tensor& fake);

// k-means (Lloyd 1982, started by k-means++, Arthur & Vassilvitskii 2007) in float64.
// features: floating (N,D) with N >= bins; -> centres float64 (bins,D). Draws depend on `seed` and
// the order of rows.
torch::Tensor kmeans_centres(const torch::Tensor& features, int64_t bins, std::uint64_t seed,
                             int64_t iterations = 30);

// int64 (bins): samples by nearest centre, ties to the first.
torch::Tensor count_by_centre(const torch::Tensor& features, const torch::Tensor& centres);

}  // namespace ganselect
