// Precision and recall (Kynkaanniemi et al. 2019, arXiv:1904.06991), density and coverage (Naeem et
// al. 2020, arXiv:2002.09797).
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace ganselect {

struct ManifoldSettings {
  int64_t nearest_k =
      5;                // a ball reaches to the k-th nearest neighbour, the sample itself left out
  bool closed = false;  // false: strictly inside, as prdc; true: at the radius is inside, as
                        // Kynkaanniemi et al.
};

struct ManifoldScores {
  double precision = 0;  // share of fake samples in some real ball
  double recall = 0;     // share of real samples in some fake ball
  double density = 0;    // real balls around a fake sample, on average, over k
  double coverage = 0;   // share of real balls that hold a fake sample
  int64_t empty_real_balls = 0, empty_fake_balls = 0;  // of radius 0: k duplicates of their centre
};

// One result for each setting, from one pass over the distances. real (N,D), fake (M,D), any
// floating type; N and M above the largest k: kData.
std::vector<ManifoldScores> manifold_scores(const torch::Tensor& real, const torch::Tensor& fake,
                                            const std::vector<ManifoldSettings>& settings);

}  // namespace ganselect
