// Inception score (Salimans et al. 2016, arXiv:1606.03498): exp E KL(p(y|x) || p(y)), natural
// logarithm.
//
// Shapes: N samples, K classes, G groups.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "metrics/detectors/detector.h"

namespace ganselect {

// Class probabilities, float64 (N,K): the softmax of logits (N,K), or probabilities as they are
// (not renormalized). Grouped scores (N,G,K) become the joint distribution (N,K^G) of independent
// groups. kData for probabilities below 0 or rows whose sum is more than 0.001 from 1, values that
// are not finite, or more than 10,000 joint classes.
torch::Tensor class_probabilities(const Detections& detections);

// One score for each of `splits` runs of rows [i*N/splits, (i+1)*N/splits). probabilities: float64
// (N,K), splits <= N. 0 ln 0 = 0.
std::vector<double> inception_scores(const torch::Tensor& probabilities, int64_t splits);

// The rows in the order of RandomState(seed).permutation(N), torch-fidelity's shuffle.
torch::Tensor shuffle_rows(const torch::Tensor& rows, std::uint32_t seed);

}  // namespace ganselect
