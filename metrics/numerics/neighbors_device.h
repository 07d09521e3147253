// neighbors.h for features on an accelerator: distances are made and compared there, a block of
// rows at a time, and the few comparisons that their rounding could decide are made again on the
// host. Results are those of neighbors.h to the last bit. Features on the CPU work too.
#pragma once

#include <vector>

#include "metrics/numerics/neighbors.h"

namespace ganselect {

// As nearest_distances.
torch::Tensor nearest_distances_on_device(const torch::Tensor& queries, const torch::Tensor& points,
                                          int64_t k, bool same_set = false);

// As ball_hits.
std::vector<BallHits> ball_hits_on_device(const torch::Tensor& rows, const torch::Tensor& columns,
                                          const std::vector<Balls>& balls);

}  // namespace ganselect
