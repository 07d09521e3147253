// Samples that are there more than once.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace ganselect {

// How many of the samples (N,...) are bit for bit the same as an earlier one.
int64_t exact_copies(const torch::Tensor& samples);

}  // namespace ganselect
