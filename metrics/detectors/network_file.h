// What the self-describing files of this project's own detectors have in common: a format's name
// and version in the metadata, and every tensor of a network by its name.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

#include "base/torch/safetensors.h"

namespace ganselect {

struct NetworkFormat {
  std::string name;     // "ganselect-judge"
  std::string version;  // "1"
  std::string hint;     // what to say of another file: "not a judge's file"
};

// Parameters, then buffers, by name; handles, not copies.
std::vector<std::pair<std::string, torch::Tensor>> named_network_state(
    const torch::nn::Module& network);

// The metadata under `key`; kData with the format's hint when there is none. `where` names the
// file.
const std::string& network_entry(const TensorFile& file, const NetworkFormat& format,
                                 const std::string& key, const std::string& where);

// kData unless the file is of this format and version.
void check_network_format(const TensorFile& file, const NetworkFormat& format,
                          const std::string& where);

// Copies the file's tensors into the network. kData for one that is missing, unknown, of another
// shape, or not of floating point.
void fill_network(const torch::nn::Module& network, const TensorFile& file,
                  const std::string& where);

}  // namespace ganselect
