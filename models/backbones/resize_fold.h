// A 3x3 convolution and the 2x resize beside it as one 4x4 convolution of stride 2: the same
// function for 16 products a pixel of the smaller image in place of 36. Values and gradients differ
// from the two separate calls by rounding alone; the folded kernel is made from the 3x3 weight at
// every call, so whatever normalizes that weight stays in force.
// N batch, I and O channels in and out, S height and width.
#pragma once

#include <torch/torch.h>

namespace ganselect {

// conv2d(nearest up-sampling of x, weight, bias) with padding 1: x (N, I, S, S), weight (O, I, 3,
// 3), bias (O) or undefined -> (N, O, 2S, 2S).
torch::Tensor conv2d_of_upsampled(const torch::Tensor& x, const torch::Tensor& weight,
                                  const torch::Tensor& bias);

// 2x2 average pooling of conv2d(x, weight, bias) with padding 1: x (N, I, 2S, 2S), weight (O, I, 3,
// 3), bias (O) or undefined -> (N, O, S, S).
torch::Tensor avg_pool_of_conv2d(const torch::Tensor& x, const torch::Tensor& weight,
                                 const torch::Tensor& bias);

}  // namespace ganselect
