// Exact nearest neighbours by cosine similarity, in blocks on any device. Most of the work is a
// matrix product (float32 on the CPU); every comparison that its rounding could decide is made
// again in float64, so that the neighbours are those of the plain double loop.
//
// Shapes: N queries, M points, D feature dimensions.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace ganselect {

// Each row over its length, float64 -> float32 (N,D). kData for a row of zeros or of numbers that
// are not finite: it has no direction.
torch::Tensor unit_rows(const torch::Tensor& features);

struct CosineNeighbors {
  torch::Tensor indices;       // int32 (N,k): rows of the points, the most similar first
  torch::Tensor similarities;  // float64 (N,k), descending, in [-1,1] within rounding
};

// The k points of largest cosine similarity of each query. Of equal ones the lower index comes
// first. queries (N,D) and points (M,D): of any length, any floating type; 1 <= k <= M, else kData.
// The product runs on `device`; a block of it is the largest tensor, never N x M. Results lie on
// the CPU.
CosineNeighbors cosine_neighbors(const torch::Tensor& queries, const torch::Tensor& points,
                                 int64_t k, torch::Device device = torch::kCPU);

// The same among the rows of one set. With `include_self` a row is its own first neighbour, even
// where a duplicate of it is just as near; without, it is none.
CosineNeighbors cosine_neighbors_within(const torch::Tensor& features, int64_t k, bool include_self,
                                        torch::Device device = torch::kCPU);

}  // namespace ganselect
