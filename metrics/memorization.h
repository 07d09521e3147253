// Copies of training samples among generated ones, by distances to the nearest training sample in
// feature space.
#pragma once

#include <torch/types.h>

namespace ganselect {

struct MemorizationScore {
  double share = 0;      // of fake samples nearer to a training sample than `threshold`
  double threshold = 0;  // the `quantile` of the held-out samples' distances, in the features' unit
};

// train (N,D), heldout (H,D), fake (M,D), any floating type. The threshold is the smallest held-out
// distance that at least quantile*H held-out samples stay under, quantile in (0,1); so fresh
// samples of the data score about `quantile`, copies 1. Needs H >= 1/quantile: kData.
MemorizationScore memorization_score(const torch::Tensor& train, const torch::Tensor& heldout,
                                     const torch::Tensor& fake, double quantile);

}  // namespace ganselect
