// Convolutions of networks whose gradients are themselves differentiated, as a gradient penalty
// does. LibTorch asks for the weights' part of a second derivative as a convolution with a filter
// of the picture's size, which cuDNN has no fast way for; here it is the weight gradient that it
// is.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace ganselect {

// The same in both directions of the picture.
struct ConvolutionGeometry {
  std::int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
  bool transposed = false;
  std::int64_t output_padding = 0;  // of a transposed one
};

// x (N, I, H, W), weight (O, I / groups, K, K), transposed (I, O / groups, K, K), bias (O) or
// undefined -> (N, O, H', W'), as LibTorch's convolution: under autocast in its type. On a CPU it
// is LibTorch's throughout, elsewhere that of convolution_of_gradients.
torch::Tensor convolution(const torch::Tensor& x, const torch::Tensor& weight,
                          const torch::Tensor& bias, const ConvolutionGeometry& geometry);

// The same on any device, differentiable any number of times: with C the convolution, D its
// gradient for x and W that for the weight, D' is made of C and W, and W' of C and D.
torch::Tensor convolution_of_gradients(const torch::Tensor& x, const torch::Tensor& weight,
                                       const torch::Tensor& bias,
                                       const ConvolutionGeometry& geometry);

}  // namespace ganselect
