// Devices by name, and the CUDA side of LibTorch, which is loaded only where there is something to
// drive.
#pragma once

#include <torch/torch.h>

#include <string>

namespace ganselect {

// What CUDA and cuDNN are asked for before they start: a hardware queue for each of LibTorch's 32
// streams (of CUDA's 8, streams that share one wait for each other), where the environment does not
// name another number; and the fastest of a convolution's algorithms, found by trying them once.
void set_cuda_defaults();

// Loads LibTorch's CUDA library when a driver is present, so that one program serves both kinds of
// machine. Returns the reason when CUDA cannot be used, and an empty text when it can. Safe to call
// often.
std::string load_cuda();

// "auto" (CUDA when usable, else the CPU), "cpu", "cuda" or "cuda:N"; kUsage for another name,
// kFailed with the reason when CUDA is asked for and cannot be had.
torch::Device parse_device(const std::string& name);

// "NVIDIA H100 80GB HBM3"-like for CUDA where LibTorch tells, else "cpu".
std::string describe_device(torch::Device device);

}  // namespace ganselect
