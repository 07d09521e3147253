#pragma once

#include <torch/types.h>

namespace ganselect {

// Whether no value of a floating point tensor, of any shape and device, is NaN or infinite; true
// where there is none. One pass without a mask as large as the tensor, which `isfinite` takes.
bool all_finite(const torch::Tensor& values);

}  // namespace ganselect
