// Nearest neighbours and ball membership, exact in float64 though most of the work is matrix
// products. A product tells squared distances to a known error; every comparison that this error
// could decide is made again from direct differences, so that ties and duplicates come out as with
// the plain double loop, at the speed of a product and without an N x M matrix.
//
// Shapes: N rows, M columns, D dimensions. Features of any floating type; results lie on the CPU.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace ganselect {

// Euclidean distances from each query to its k nearest points, ascending: float64 (N,k). With
// `same_set`, queries and points are the same rows and a row is not its own neighbour (a duplicate
// of it is). Needs k <= M, or k <= M - 1 with `same_set`: kData.
torch::Tensor nearest_distances(const torch::Tensor& queries, const torch::Tensor& points,
                                int64_t k, bool same_set = false);

// What lies at the nearest points of each query.
struct NearestValues {
  torch::Tensor distances;  // float64 (N), to the nearest point
  torch::Tensor values;     // float64 (N), the largest value among the points at that distance
};

// `values` (M), one a point, any floating type. Features of an accelerator are copied to the host.
// Needs M >= 1: kData.
NearestValues largest_at_nearest(const torch::Tensor& queries, const torch::Tensor& points,
                                 const torch::Tensor& values);

// Balls around all rows or all columns, by radius.
struct Balls {
  torch::Tensor radii;  // float64 (N) or (M)
  bool around_rows = false;
  bool closed = false;  // true: a point at the radius is inside
};

// Pairs (row, column) within a ball, counted both ways.
struct BallHits {
  torch::Tensor by_row;     // int64 (N)
  torch::Tensor by_column;  // int64 (M)
};

// One result for each entry of `balls`; all share one pass over the distances.
std::vector<BallHits> ball_hits(const torch::Tensor& rows, const torch::Tensor& columns,
                                const std::vector<Balls>& balls);

}  // namespace ganselect
