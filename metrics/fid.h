// FID from features; the statistics behind it are in moments.h.
#pragma once

#include "metrics/numerics/moments.h"

namespace ganselect {

// The Gaussian of features (N,D), N >= 2, by whichever way of moments.h suits the size; they agree
// within rounding.
GaussianFactor fid_statistics(const torch::Tensor& features);

// real (N,D) and fake (M,D), any floating type, N and M >= 2; float64 inside. Result >= 0.
double frechet_inception_distance(const torch::Tensor& real, const torch::Tensor& fake);

}  // namespace ganselect
