// Differentiable augmentation (Zhao et al. 2020, arXiv 2006.10738): what the critic sees, real and
// generated, is altered at random in the same way, and the generator's gradient passes through.
// Differentiable twice; every number is drawn and used on the device. N batch, C channels, H height
// and width.
#pragma once

#include <torch/torch.h>

namespace ganselect {

// Which of the three policies alter an image.
struct AugmentationPolicies {
  bool color = true, translation = true, cutout = true;
};

// The policies color, translation and cutout, in this order, each drawn anew for each image:
// brightness + U(-0.5, 0.5); saturation (distance from the pixel's mean over channels) x U(0, 2);
// contrast (distance from the image's mean) x U(0.5, 1.5); a shift of up to H / 8 pixels, zeros
// coming in; a square of H / 2 pixels, which may lie over the border, set to zero. x (N, C, H, H)
// in the training range; values may leave it. The laws are those of the authors' code.
torch::Tensor diffaugment(const torch::Tensor& x, torch::Generator& random,
                          AugmentationPolicies policies = {});

// Images mirrored left to right, each by a chance of one half. x (N, C, H, W).
torch::Tensor mirrored_at_random(const torch::Tensor& x, torch::Generator& random);

// The parts, for tests. shift: int64 (N) a direction; down and right are positive.
torch::Tensor shifted(const torch::Tensor& x, const torch::Tensor& down,
                      const torch::Tensor& right);
// centre: int64 (N), row and column of each square's middle; the square covers
// [centre - side / 2, centre + side - side / 2).
torch::Tensor cut_out(const torch::Tensor& x, const torch::Tensor& row, const torch::Tensor& column,
                      std::int64_t side);

}  // namespace ganselect
