// Stored pixels to and from the range that networks see.
//
// Shapes: N images, C channels, H rows, W columns.
#pragma once

#include <torch/types.h>

namespace ganselect {

// Images of 28x28 with a border of two zeros, since backbones halve an image several times, which
// 28 does not survive; others as they are. (N,C,H,W).
torch::Tensor pad_28_to_32(const torch::Tensor& images);

// Images (N,C,H,W) with the channels asked for, where that alters nothing: grey repeated for 3, one
// of three equal channels for 1; others as they are.
torch::Tensor matching_channels(const torch::Tensor& images, int64_t channels);

// uint8 0..255 -> float32 x/127.5 - 1 in [-1,1]; floating point sets pass through as float32. Any
// device.
torch::Tensor to_training_range(const torch::Tensor& samples);

// The one 8-bit step that every generated image goes through before it is scored or written:
// x*127.5 + 128, clamped to [0,255], cut to an integer. Floating (..), nominally in [-1,1] ->
// uint8, same shape and device; to_uint8(to_training_range(u)) == u. Throws kFailed when a value is
// not finite.
torch::Tensor to_uint8(const torch::Tensor& images);

}  // namespace ganselect
