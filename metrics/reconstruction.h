// Minimum reconstruction error (Qi 2020, arXiv:1701.06264, section 6): how near a generator comes
// to images it has not seen.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>

#include "base/settings_io.h"

namespace ganselect {

// z float32 (N,latent_dim) -> images float32 (N,C,H,W) in [-1,1], differentiable in z. Row n of the
// result must depend on row n of z only, so batch norm must be in evaluation mode.
using DifferentiableGenerator = std::function<torch::Tensor(const torch::Tensor& z)>;

struct ReconstructionSettings {
  int64_t steps = 200;          // Adam steps on z
  double learning_rate = 0.05;  // of Adam
  int64_t restarts = 3;         // starting points an image; the best counts
  int64_t batch_size = 64;      // images optimized at a time
  int64_t max_images = 128;     // the first so many held-out images
};

template <class V>
void describe(V& v, ReconstructionSettings& s) {
  v.field("steps", s.steps, "Adam steps on z", at_least(0));
  v.field("learning_rate", s.learning_rate, "of Adam", above(0));
  v.field("restarts", s.restarts, "starting points an image", at_least(1));
  v.field("batch_size", s.batch_size, "images optimized at a time", at_least(1));
  v.field("max_images", s.max_images, "held-out images used", at_least(1));
}

// Least mean squared difference over pixels for each image, with pixels scaled to [0,1] (so at most
// 1). images: float32 (N,C,H,W) in [-1,1]. The starting points are drawn from N(0, I) with `seed`,
// the same whatever the batch size. Returns float64 (min(N, max_images)). kData when the generator
// gives another shape, kUsage for settings out of range.
torch::Tensor reconstruction_errors(const torch::Tensor& images,
                                    const DifferentiableGenerator& generator, int64_t latent_dim,
                                    const ReconstructionSettings& settings, std::uint64_t seed);

}  // namespace ganselect
