#include "metrics/detectors/network_file.h"

#include <torch/torch.h>

#include "base/error.h"

namespace ganselect {

std::vector<std::pair<std::string, torch::Tensor>> named_network_state(
    const torch::nn::Module& network) {
  std::vector<std::pair<std::string, torch::Tensor>> state;
  for (const auto& item : network.named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : network.named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

void fill_network(const torch::nn::Module& network, const TensorFile& file,
                  const std::string& where) {
  torch::NoGradGuard no_grad;
  const auto state = named_network_state(network);
  for (const auto& [name, tensor] : state) {
    const auto found = file.tensors.find(name);
    const bool there = found != file.tensors.end();
    if (!there || found->second.sizes() != tensor.sizes() || !found->second.is_floating_point()) {
      fail(ErrorKind::kData,
           {.where = where + " tensor '" + name + "'",
            .expected = "floating point " + c10::str(tensor.sizes()),
            .got = there ? c10::str(found->second.dtype(), " ", found->second.sizes()) : "none"});
    }
    auto target = tensor;
    target.copy_(found->second);
  }
  if (file.tensors.size() != state.size()) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = std::to_string(state.size()) + " tensors",
                            .got = std::to_string(file.tensors.size())});
  }
}

}  // namespace ganselect
