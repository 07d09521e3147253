#include "harness/train/optimizers.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_fused_adam.h>

#include <utility>

#include "base/error.h"

namespace ganselect {

namespace {

using TensorList = std::vector<torch::Tensor>;

constexpr double kOptimizerEpsilon =
    1e-8;  // Adam's and RMSprop's default in torch and in the papers' codes
constexpr double kRmsPropAlpha = 0.99;  // torch's default, used by the WGAN authors' code

TensorList zeros_like_all(const TensorList& tensors) {
  TensorList zeros;
  for (const auto& tensor : tensors) {
    zeros.push_back(torch::zeros_like(tensor, tensor.options().requires_grad(false)));
  }
  return zeros;
}

void append_state(std::vector<std::pair<std::string, torch::Tensor>>& state,
                  const std::string& prefix, const TensorList& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    state.emplace_back(prefix + "/" + std::to_string(i), tensors[i]);
  }
}

class FusedAdam : public Optimizer {
 public:
  FusedAdam(const OptimizerSpec& spec, TensorList parameters)
      : Optimizer(std::move(parameters)),
        spec_(spec),
        mean_(zeros_like_all(parameters_)),
        square_(zeros_like_all(parameters_)) {
    for (const auto& parameter : parameters_) {
      steps_.push_back(torch::zeros({}, parameter.options().requires_grad(false)));
    }
  }

  void step(const TensorList& gradients) override {
    torch::NoGradGuard no_grad;
    at::_foreach_add_(steps_, 1);
    at::_fused_adam_(parameters_, gradients, mean_, square_, /*max_exp_avg_sqs=*/{}, steps_,
                     spec_.lr, spec_.beta1, spec_.beta2, spec_.weight_decay, kOptimizerEpsilon,
                     /*amsgrad=*/false,
                     /*maximize=*/false);
  }

  std::vector<std::pair<std::string, torch::Tensor>> state() const override {
    std::vector<std::pair<std::string, torch::Tensor>> all;
    append_state(all, "mean", mean_);
    append_state(all, "square", square_);
    append_state(all, "step", steps_);
    return all;
  }

 private:
  OptimizerSpec spec_;
  TensorList mean_, square_, steps_;
};

class ForeachRmsProp : public Optimizer {
 public:
  ForeachRmsProp(const OptimizerSpec& spec, TensorList parameters)
      : Optimizer(std::move(parameters)), spec_(spec), square_(zeros_like_all(parameters_)) {}

  void step(const TensorList& gradients) override {
    torch::NoGradGuard no_grad;
    const TensorList decayed = spec_.weight_decay == 0
                                   ? gradients
                                   : at::_foreach_add(gradients, parameters_, spec_.weight_decay);
    at::_foreach_mul_(square_, kRmsPropAlpha);
    at::_foreach_addcmul_(square_, decayed, decayed, 1 - kRmsPropAlpha);
    auto root = at::_foreach_sqrt(square_);
    at::_foreach_add_(root, kOptimizerEpsilon);
    at::_foreach_addcdiv_(parameters_, decayed, root, -spec_.lr);
  }

  std::vector<std::pair<std::string, torch::Tensor>> state() const override {
    std::vector<std::pair<std::string, torch::Tensor>> all;
    append_state(all, "square", square_);
    return all;
  }

 private:
  OptimizerSpec spec_;
  TensorList square_;
};

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec, TensorList parameters) {
  switch (spec.kind) {
    case OptimizerKind::kAdam:
      return std::make_unique<FusedAdam>(spec, std::move(parameters));
    case OptimizerKind::kRmsprop:
      return std::make_unique<ForeachRmsProp>(spec, std::move(parameters));
  }
  fail(ErrorKind::kFailed, {.where = "optimizer", .expected = "a known kind", .got = "another"});
}

TensorList gradients_of(const torch::Tensor& loss, const TensorList& parameters) {
  auto gradients = torch::autograd::grad({loss}, parameters);
  // The fused kernels walk memory linearly, so layouts must agree.
  TensorList targets, sources;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (gradients[i].strides() == parameters[i].strides()) continue;
    auto laid_out = torch::empty_like(parameters[i], parameters[i].options().requires_grad(false));
    sources.push_back(std::exchange(gradients[i], laid_out));
    targets.push_back(laid_out);
  }
  torch::NoGradGuard no_grad;
  if (!targets.empty()) at::_foreach_copy_(targets, sources);
  return gradients;
}

torch::Tensor joint_norm(const TensorList& tensors) {
  torch::NoGradGuard no_grad;
  return torch::stack(at::_foreach_norm(tensors)).norm();
}

}  // namespace ganselect
