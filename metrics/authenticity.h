// Authenticity (Alaa et al. 2022, arXiv:2102.08921): generated samples that are no copies of
// training samples.
#pragma once

#include <torch/types.h>

namespace ganselect {

struct AuthenticityScore {
  double share = 0;  // authentic samples
  int64_t duplicated_training =
      0;  // training samples with a duplicate: nothing but they copies them
};

// A sample f is authentic where its nearest training sample r has another training sample nearer
// than f: min_{r' != r} |r - r'| < |f - r| (section 2.2). Of several nearest ones all must have, so
// that their order does not count. train (N,D), N >= 2; fake (M,D), M >= 1; any floating type;
// exact in float64. In [0,1]: about half for fresh samples of many dimensions, 0 for copies.
AuthenticityScore authenticity_score(const torch::Tensor& train, const torch::Tensor& fake);

}  // namespace ganselect
