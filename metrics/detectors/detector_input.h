// What lies between samples and a detector that wants another size or other channels.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

namespace ganselect {

// uint8 (N,C,H,W) -> float32 (N,C,size,size) in 0..255, on the images' device: bicubic (a = -0.5),
// anti-aliased when shrinking, computed in float32, clamped to the range and never rounded to 8
// bits (Parmar, Zhang & Zhu 2022, arXiv:2104.11222, show what rounding and aliasing do to FID).
torch::Tensor resize_for_detector(const torch::Tensor& images, int64_t size);

// How protocols name it: "resized to 32x32: anti-aliased bicubic in float32, not rounded".
std::string resize_text(int64_t size);

// uint8 (N,1,H,W), (N,3,H,W) or (N,4,H,W) -> uint8 (N,3,H,W): grey repeated, alpha laid on white.
torch::Tensor rgb_for_detector(const torch::Tensor& images);

// How protocols name it: "grey repeated to three channels; ", "alpha laid on white; ", or empty.
std::string rgb_text(int64_t channels);

}  // namespace ganselect
