// The tensors of a network in a file, by their names.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

#include "base/torch/safetensors.h"

namespace ganselect {

// Parameters, then buffers, by name; handles, not copies.
std::vector<std::pair<std::string, torch::Tensor>> named_network_state(
    const torch::nn::Module& network);

// Copies the file's tensors into the network. kData for one that is missing, unknown, of another
// shape, or not of floating point.
void fill_network(const torch::nn::Module& network, const TensorFile& file,
                  const std::string& where);

}  // namespace ganselect
