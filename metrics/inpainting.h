// How the hidden part of an image is filled in.
//
// Shapes: M images, K fillings of each, C channels, H height, W width.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace ganselect {

struct Fillings {
  torch::Tensor images;    // uint8 (M,C,H,W), whole
  torch::Tensor masks;     // uint8 (M,1,H,W): 1 where the image was seen
  torch::Tensor fillings;  // uint8 (M,K,C,H,W)
};

// In shares of the pixel range; float64.
struct FillingErrors {
  double visible = 0;    // mean |filling - image| where it was seen
  double hidden = 0;     // the same where it was not
  double diversity = 0;  // root mean square difference of two fillings of one image, there
};

// kData for shapes that do not fit, fewer than two fillings of an image, and masks that show
// nothing or everything.
FillingErrors filling_errors(const Fillings& fillings);

}  // namespace ganselect
