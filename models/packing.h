// Packs: a critic that judges m samples at once sees whether they are too much alike (Lin et al.
// 2018, PacGAN, arXiv 1712.04086). N samples of a batch, m a divisor of N.
#pragma once

#include <torch/torch.h>

#include "base/shape.h"
#include "models/candidates.h"

namespace ganselect {

// m of the candidate: 1 without a pack.
int pack_of(const CandidateSpec& candidate);

// What the critic of packs of m sees of samples of `shape`: channels, or coordinates, one after the
// other.
SampleShape packed_shape(const SampleShape& shape, int m);

// (N, C, H, W) -> (N / m, m C, H, W), points (N, 2) -> (N / m, 2 m): rows m i to m i + m - 1 are
// pack i. m = 1: x itself. kFailed where m does not divide N.
torch::Tensor packed(const torch::Tensor& x, int m);

}  // namespace ganselect
