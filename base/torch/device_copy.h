// Data that several readers want on a device: one copy of it there for all of them.
#pragma once

#include <torch/types.h>

namespace ganselect {

// `host` itself where it lies on the device already, else a copy that lives as long as any reader
// holds it: whoever asks for the same tensor meanwhile, from any thread, gets the same copy. It may
// be read on every stream. Readers must not write it; a host tensor that was written in place since
// is another one. Waits for the copying.
torch::Tensor shared_copy(const torch::Tensor& host, torch::Device device);

}  // namespace ganselect
