// Stacked MNIST: three digits in the three channels of one image, a thousand modes (Metz et al.
// 2017).
#pragma once

#include <cstdint>

#include "datasets/dataset.h"

namespace ganselect {

// `count` images from `digits` (samples uint8 (N,1,H,W), labels 0 to 9): red, green and blue digit
// drawn independently and uniformly from the N; label = 100*red + 10*green + blue. So mode
// 100r+10g+b has the probability p(r) p(g) p(b) of the digits' frequencies. Image n depends on
// `stream` and n alone.
Dataset stack_digits(const Dataset& digits, int64_t count, std::uint64_t stream);

}  // namespace ganselect
