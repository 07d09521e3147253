#include "harness/train/ema.h"

#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_lerp.h>

#include <utility>

#include "base/error.h"

namespace ganselect {

Ema::Ema(std::shared_ptr<Generator> source, std::shared_ptr<Generator> average, double decay)
    : source_(std::move(source)), average_(std::move(average)), decay_(decay) {
  copy_weights(*source_, *average_);
  const auto split = [](const torch::nn::Module& module, std::vector<torch::Tensor>& floats,
                        std::vector<torch::Tensor>& wholes) {
    for (const auto& parameter : module.parameters()) floats.push_back(parameter);
    for (const auto& buffer : module.buffers()) {
      (buffer.is_floating_point() ? floats : wholes).push_back(buffer);
    }
  };
  split(*source_, source_floats_, source_wholes_);
  split(*average_, average_floats_, average_wholes_);
  average_->eval();
  for (auto& parameter : average_->parameters()) parameter.set_requires_grad(false);
}

void Ema::update(const torch::Tensor& updates) {
  torch::NoGradGuard no_grad;
  const auto t = updates.to(torch::kFloat64);
  const auto share = (1.0 - ((t + 1.0) / (t + 10.0)).clamp_max(decay_)).to(torch::kFloat32);
  const std::vector<torch::Tensor> shares(average_floats_.size(), share);
  at::_foreach_lerp_(average_floats_, source_floats_, shares);
  if (!source_wholes_.empty()) at::_foreach_copy_(average_wholes_, source_wholes_);
}

void copy_weights(const torch::nn::Module& from, torch::nn::Module& to) {
  torch::NoGradGuard no_grad;
  const auto copy = [](const auto& sources, auto targets) {
    if (sources.size() != targets.size()) {
      fail(ErrorKind::kFailed, {.where = "copy of a network's weights",
                                .expected = std::to_string(targets.size()) + " tensors",
                                .got = std::to_string(sources.size())});
    }
    for (std::size_t i = 0; i < sources.size(); ++i) targets[i].copy_(sources[i]);
  };
  copy(from.parameters(), to.parameters());
  copy(from.buffers(), to.buffers());
}

}  // namespace ganselect
