// Maximum mean discrepancy with a Gaussian kernel, as CMMD takes it (Jayasumana et al. 2024,
// arXiv:2401.09603) from features of CLIP; here from any detector's.
#pragma once

#include <torch/types.h>

namespace ganselect {

// The unbiased squared discrepancy (equation 4; Gretton et al. 2012, equation 3) with the kernel
// exp(-|x - y|^2 / (2 s^2)), s = `bandwidth` > 0, in blocks: no N x M matrix is held. real (N,D),
// fake (M,D), any floating type, N and M >= 2. Unlike the authors' code, which keeps the pairs
// (i,i) and multiplies by 1000, neither is done here; below 0 for sets more alike than chance makes
// them.
double gaussian_mmd(const torch::Tensor& real, const torch::Tensor& fake, double bandwidth);

// The median distance between two samples of a set (N,D), N >= 2, float64; of an even number of
// pairs the mean of the middle two.
double median_distance(const torch::Tensor& features);

}  // namespace ganselect
