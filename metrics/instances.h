// Measures of a generator that is conditioned on instances (Casanova et al. 2021,
// arXiv:2109.05070).
//
// Shapes: D dimensions of the detector, F of the features that instances are compared in, M stored
// instances, n samples.
#pragma once

#include <torch/types.h>

#include <vector>

namespace ganselect {

// What these measures look at.
struct InstanceSamples {
  struct Neighborhood {
    torch::Tensor real, fake;  // features (k,D) of A_i, and (k,D) of samples asked for instance i
  };
  std::vector<Neighborhood> neighborhoods;
  torch::Tensor stored;   // (M,F): instances that samples can be asked for
  torch::Tensor samples;  // (n,F): samples in the same features
  torch::Tensor asked;    // int64 (n): which of the M each sample was asked for
};

// FID of each neighbourhood's samples to the neighbourhood.
struct NeighborhoodDistances {
  double mean = 0, worst = 0;
  int64_t neighborhoods = 0, samples = 0;  // samples: of the smallest neighbourhood
};
// kData for none, or one with fewer than two rows a side.
NeighborhoodDistances neighborhood_distances(
    const std::vector<InstanceSamples::Neighborhood>& neighborhoods);

// Share of samples whose nearest stored instance by cosine similarity is the one they were asked
// for.
double own_instance_share(const torch::Tensor& stored, const torch::Tensor& samples,
                          const torch::Tensor& asked);

}  // namespace ganselect
