#include "harness/train/optimizers.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/_fused_adam.h>

#include <cmath>
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

// The learning rate, and SGD's momentum, at the generator updates done.
class Schedule {
 public:
  Schedule(const OptimizerSpec& spec, const torch::Tensor& updates, const torch::Tensor& like)
      : spec_(spec), updates_(updates) {
    if (!updates_.defined()) {
      updates_ = torch::zeros({}, like.options().requires_grad(false).dtype(torch::kInt64));
    }
  }

  bool constant() const { return spec_.lr_law == LrLaw::kConstant; }

  // float64 scalar on the device.
  torch::Tensor rate() const {
    const auto t = updates_.to(torch::kFloat64);
    switch (spec_.lr_law) {
      case LrLaw::kLinear:
        return spec_.lr * (1.0 - t / static_cast<double>(spec_.lr_decay_steps)).clamp_min(0.0);
      case LrLaw::kExponential:
        return (spec_.lr * torch::exp(t * -std::log(spec_.lr_decay_factor)))
            .clamp_min(spec_.lr_min);
      case LrLaw::kConstant:
        break;
    }
    return torch::full_like(t, spec_.lr);
  }

  torch::Tensor momentum() const {
    const auto t = updates_.to(torch::kFloat64);
    if (spec_.momentum_steps == 0) return torch::full_like(t, spec_.momentum_final);
    const auto share = (t / static_cast<double>(spec_.momentum_steps)).clamp_max(1.0);
    return spec_.momentum + (spec_.momentum_final - spec_.momentum) * share;
  }

 private:
  OptimizerSpec spec_;
  torch::Tensor updates_;
};

// Gradients with the decay of one weight added.
TensorList with_last_decay(const TensorList& gradients, const TensorList& parameters,
                           std::size_t last, double decay) {
  auto decayed = gradients;
  decayed[last] = gradients[last].add(parameters[last].detach(), decay);
  return decayed;
}

class FusedAdam : public Optimizer {
 public:
  FusedAdam(const OptimizerSpec& spec, TensorList parameters, const OptimizerContext& context)
      : Optimizer(std::move(parameters)),
        spec_(spec),
        schedule_(spec, context.updates, parameters_.at(0)),
        mean_(zeros_like_all(parameters_)),
        square_(zeros_like_all(parameters_)) {
    for (const auto& parameter : parameters_) {
      steps_.push_back(torch::zeros({}, parameter.options().requires_grad(false)));
    }
  }

  void step(const TensorList& gradients) override {
    torch::NoGradGuard no_grad;
    at::_foreach_add_(steps_, 1);
    const auto update = [&](const auto& rate) {
      at::_fused_adam_(parameters_, gradients, mean_, square_, /*max_exp_avg_sqs=*/{}, steps_, rate,
                       spec_.beta1, spec_.beta2, spec_.weight_decay, kOptimizerEpsilon,
                       /*amsgrad=*/false, /*maximize=*/false);
    };
    if (schedule_.constant()) return update(spec_.lr);
    update(schedule_.rate().to(torch::kFloat32));
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
  Schedule schedule_;
  TensorList mean_, square_, steps_;
};

class ForeachRmsProp : public Optimizer {
 public:
  ForeachRmsProp(const OptimizerSpec& spec, TensorList parameters, const OptimizerContext& context)
      : Optimizer(std::move(parameters)),
        spec_(spec),
        schedule_(spec, context.updates, parameters_.at(0)),
        square_(zeros_like_all(parameters_)) {}

  void step(const TensorList& gradients) override {
    torch::NoGradGuard no_grad;
    const TensorList decayed = spec_.weight_decay == 0
                                   ? gradients
                                   : at::_foreach_add(gradients, parameters_, spec_.weight_decay);
    at::_foreach_mul_(square_, kRmsPropAlpha);
    at::_foreach_addcmul_(square_, decayed, decayed, 1 - kRmsPropAlpha);
    auto root = at::_foreach_sqrt(square_);
    at::_foreach_add_(root, kOptimizerEpsilon);
    if (schedule_.constant()) return at::_foreach_addcdiv_(parameters_, decayed, root, -spec_.lr);
    const auto step = at::_foreach_mul(decayed, schedule_.rate().to(torch::kFloat32));
    at::_foreach_addcdiv_(parameters_, step, root, -1.0);
  }

  std::vector<std::pair<std::string, torch::Tensor>> state() const override {
    std::vector<std::pair<std::string, torch::Tensor>> all;
    append_state(all, "square", square_);
    return all;
  }

 private:
  OptimizerSpec spec_;
  Schedule schedule_;
  TensorList square_;
};

class MomentumSgd : public Optimizer {
 public:
  MomentumSgd(const OptimizerSpec& spec, TensorList parameters, const OptimizerContext& context)
      : Optimizer(std::move(parameters)),
        spec_(spec),
        schedule_(spec, context.updates, parameters_.at(0)),
        velocity_(zeros_like_all(parameters_)) {}

  void step(const TensorList& gradients) override {
    torch::NoGradGuard no_grad;
    const TensorList decayed = spec_.weight_decay == 0
                                   ? gradients
                                   : at::_foreach_add(gradients, parameters_, spec_.weight_decay);
    at::_foreach_mul_(velocity_, schedule_.momentum().to(torch::kFloat32));
    at::_foreach_sub_(velocity_, at::_foreach_mul(decayed, schedule_.rate().to(torch::kFloat32)));
    at::_foreach_add_(parameters_, velocity_);
  }

  std::vector<std::pair<std::string, torch::Tensor>> state() const override {
    std::vector<std::pair<std::string, torch::Tensor>> all;
    append_state(all, "velocity", velocity_);
    return all;
  }

 private:
  OptimizerSpec spec_;
  Schedule schedule_;
  TensorList velocity_;
};

// Lets one weight decay, whatever the kind.
class LastWeightDecay : public Optimizer {
 public:
  LastWeightDecay(std::unique_ptr<Optimizer> inner, std::size_t last, double decay)
      : Optimizer(inner->parameters()), inner_(std::move(inner)), last_(last), decay_(decay) {}

  void step(const TensorList& gradients) override {
    torch::NoGradGuard no_grad;
    inner_->step(with_last_decay(gradients, parameters_, last_, decay_));
  }
  std::vector<std::pair<std::string, torch::Tensor>> state() const override {
    return inner_->state();
  }

 private:
  std::unique_ptr<Optimizer> inner_;
  std::size_t last_;
  double decay_;
};

std::unique_ptr<Optimizer> make_kind(const OptimizerSpec& spec, TensorList parameters,
                                     const OptimizerContext& context) {
  switch (spec.kind) {
    case OptimizerKind::kAdam:
      return std::make_unique<FusedAdam>(spec, std::move(parameters), context);
    case OptimizerKind::kRmsprop:
      return std::make_unique<ForeachRmsProp>(spec, std::move(parameters), context);
    case OptimizerKind::kSgd:
      return std::make_unique<MomentumSgd>(spec, std::move(parameters), context);
  }
  fail(ErrorKind::kFailed, {.where = "optimizer", .expected = "a known kind", .got = "another"});
}

}  // namespace

double scheduled_rate(const OptimizerSpec& spec, std::int64_t updates) {
  const auto t = torch::full({}, updates, torch::kInt64);
  return Schedule(spec, t, t).rate().item<double>();
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec, TensorList parameters,
                                          OptimizerContext context) {
  if (spec.weight_decay == 0 || spec.weight_decay_scope == DecayScope::kAll) {
    return make_kind(spec, std::move(parameters), context);
  }
  if (!context.last_weight || *context.last_weight >= parameters.size()) {
    fail(ErrorKind::kFailed, {.where = "optimizer",
                              .expected = "the last layer's weight, which alone decays",
                              .got = "none"});
  }
  auto plain = spec;
  plain.weight_decay = 0;
  return std::make_unique<LastWeightDecay>(make_kind(plain, std::move(parameters), context),
                                           *context.last_weight, spec.weight_decay);
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
