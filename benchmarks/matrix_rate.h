// The rate of a device's matrix units, as a yardstick of what training reaches.
#pragma once

#include <torch/torch.h>

#include <string>

namespace ganselect {

struct MatrixRate {
  double flops_per_second = 0;  // 2 n^3 over the shortest time of several products of n x n
  std::string dtype;            // "bfloat16" where the device computes in it, else "float32"
};

// Measured anew at each call, on the calling thread with `threads` CPU threads; below a second on
// a GPU, a few on a CPU.
MatrixRate measure_matrix_rate(torch::Device device, int threads);

}  // namespace ganselect
