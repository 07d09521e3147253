// Log-likelihood of real images under a Gaussian Parzen window fitted to generated ones (Breuleux,
// Bengio & Vincent 2011), as Goodfellow et al. 2014 (arXiv:1406.2661) and Mirza & Osindero 2014
// (arXiv:1411.1784) report it. It says little of samples in high dimension (Theis et al. 2016,
// arXiv:1511.01844): it is here to stand beside the papers' own figures.
//
// Shapes: M windows, n points, D dimensions, S deviations. All in float64.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace ganselect {

// What the density is fitted to and asked of.
struct DensityImages {
  torch::Tensor fake;     // uint8 (N,C,H,W): generated
  torch::Tensor heldout;  // uint8 (H,C,H,W): real and never trained on
};

// log of (1/M) sum_i N(x; window_i, s^2 I) in nats, for each point and deviation s. windows (M,D),
// points (n,D), any floating type; -> float64 (n,S). The windows' distances are computed once for
// all deviations, block by block. kData unless both have the same D, M >= 1 and every s > 0.
torch::Tensor parzen_log_likelihoods(const torch::Tensor& windows, const torch::Tensor& points,
                                     const std::vector<double>& deviations);

// `count` deviations from `lowest` to `highest`, evenly spaced in their logarithms; count >= 1.
std::vector<double> parzen_grid(std::int64_t count, double lowest, double highest);

}  // namespace ganselect
