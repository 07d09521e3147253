// Vendi score (Friedman & Dieng 2023, arXiv:2210.02410): how many quite different samples a set is
// worth.
#pragma once

#include <torch/types.h>

namespace ganselect {

// The exponential of Renyi's entropy of order q of the eigenvalues l of K / N, K the cosine
// similarities of the samples: exp(-sum l ln l) for q = 1 (equation 3), (sum l^q)^(1 / (1 - q))
// else (Pasarkar & Dieng 2024, arXiv:2310.12952). features (N,D), any floating type; q > 0. In
// [1, min(N,D)]: 1 where all samples point one way. Computed from the smaller of K and the D x D
// matrix that has the same eigenvalues; those lost in rounding are taken as 0. kData for no
// samples and for a sample of zeros, which points nowhere.
double vendi_score(const torch::Tensor& features, double order = 1);

}  // namespace ganselect
