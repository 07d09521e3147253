// Kernel inception distance (Binkowski et al. 2018, arXiv:1801.01401): unbiased squared maximum
// mean discrepancy (Gretton et al. 2012, equation 3) with the kernel (x.y/D + 1)^3.
//
// Shapes: N real and M fake samples, D dimensions, S subsets of m samples.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

namespace ganselect {

// Rows of the sets, without repetition within a subset.
struct KidSubsets {
  torch::Tensor fake;  // int64 (S,m), in [0,M)
  torch::Tensor real;  // int64 (S,m), in [0,N)
};

// torch-fidelity's subsets: RandomState(seed); for each, choice of the fake rows, then of the real
// ones. m <= min(N, M).
KidSubsets draw_kid_subsets(int64_t real, int64_t fake, int64_t subsets, int64_t subset_size,
                            std::uint32_t seed);

struct KernelDistance {
  double exact = 0;  // over all pairs; below 0 for sets more alike than chance makes them
  torch::Tensor subset_values;  // float64 (S), undefined without subsets
};

// real (N,D), fake (M,D), any floating type, N and M >= 2, m >= 2. One pass over all pairs in
// blocks serves the exact value and every subset, so no N x M matrix is held and time does not grow
// with S.
KernelDistance kernel_distance(const torch::Tensor& real, const torch::Tensor& fake,
                               const std::optional<KidSubsets>& subsets = std::nullopt);

}  // namespace ganselect
