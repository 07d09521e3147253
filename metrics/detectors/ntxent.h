// The normalized, temperature-scaled cross entropy that an embedding learns by (NT-Xent; Chen et
// al. 2020, arXiv:2002.05709, equation 1).
#pragma once

#include <torch/types.h>

namespace ganselect {

// first, second: projections (N,P) of two views of the same N images, floating, N >= 2; row i of
// one belongs to row i of the other. With u the 2N rows over their length and s_ij = u_i.u_j / T:
//   mean over the 2N rows i of  -s_ip(i) + log sum_{j != i} exp(s_ij),
// p(i) the other view of i's image. A scalar of the inputs' type, differentiable in both; at least
// log(2N - 1) - 2/T, and log(2N - 1) when all views lie on one point. kUsage for a temperature that
// is not above 0, shapes that differ or fewer than two images.
torch::Tensor ntxent_loss(const torch::Tensor& first, const torch::Tensor& second,
                          double temperature);

}  // namespace ganselect
