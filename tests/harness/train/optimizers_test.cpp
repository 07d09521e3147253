#include "harness/train/optimizers.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/torch/generators.h"
#include "models/backbones/networks.h"

namespace ganselect {

namespace {

// A small network with a 4-d weight in channels-last memory, a matrix and a vector.
struct OptimizerToy : torch::nn::Module {
  OptimizerToy() {
    auto generator = make_generator(3);
    conv = register_parameter("conv", torch::randn({4, 3, 3, 2}, generator, torch::kFloat32));
    matrix = register_parameter("matrix", torch::randn({5, 4}, generator, torch::kFloat32));
    bias = register_parameter("bias", torch::randn({5}, generator, torch::kFloat32));
  }
  torch::Tensor loss(const torch::Tensor& x) const {
    const auto hidden = torch::conv2d(x, conv).relu().mean({2, 3});
    return (torch::nn::functional::linear(hidden, matrix, bias) - 1).square().mean();
  }
  torch::Tensor conv, matrix, bias;
};

double largest_difference(const OptimizerToy& a, const OptimizerToy& b) {
  double largest = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    largest = std::max(largest, (a.parameters()[i] - b.parameters()[i]).abs().max().item<double>());
  }
  return largest;
}

// 100 updates of ours against the reference optimizer's from the same start.
template <class Reference>
double drift(const OptimizerSpec& spec, Reference&& make_reference, bool channels_last) {
  OptimizerToy ours, theirs;
  if (channels_last) use_channels_last(ours);
  auto optimizer = make_optimizer(spec, ours.parameters());
  auto reference = make_reference(theirs.parameters());
  auto noise = make_generator(9);
  for (int i = 0; i < 100; ++i) {
    const auto x = torch::randn({7, 3, 6, 5}, noise, torch::kFloat32);
    optimizer->step(gradients_of(ours.loss(x), optimizer->parameters()));
    reference.zero_grad();
    theirs.loss(x).backward();
    reference.step();
  }
  return largest_difference(ours, theirs);
}

}  // namespace

// 1e-6 is a few float32 roundings of parameters of size 1 over 100 updates.
TEST_CASE("Adam agrees with torch's own", "[fast][optimizers]") {
  for (const double decay : {0.0, 1e-2}) {
    const OptimizerSpec spec{.kind = OptimizerKind::kAdam,
                             .lr = 1e-3,
                             .beta1 = 0.5,
                             .beta2 = 0.9,
                             .weight_decay = decay};
    const auto reference = [&](std::vector<torch::Tensor> parameters) {
      return torch::optim::Adam(
          std::move(parameters),
          torch::optim::AdamOptions(1e-3).betas({0.5, 0.9}).weight_decay(decay));
    };
    CHECK(drift(spec, reference, false) < 1e-6);
    CHECK(drift(spec, reference, true) < 1e-6);
  }
}

TEST_CASE("RMSProp agrees with torch's own", "[fast][optimizers]") {
  for (const double decay : {0.0, 1e-2}) {
    const OptimizerSpec spec{.kind = OptimizerKind::kRmsprop, .lr = 5e-4, .weight_decay = decay};
    const auto reference = [&](std::vector<torch::Tensor> parameters) {
      return torch::optim::RMSprop(std::move(parameters),
                                   torch::optim::RMSpropOptions(5e-4).weight_decay(decay));
    };
    CHECK(drift(spec, reference, false) < 1e-6);
    CHECK(drift(spec, reference, true) < 1e-6);
  }
}

// Pylearn2's Momentum: v <- m v - lr g, w <- w + v; torch's has lr outside of v, the same while
// both are constant.
TEST_CASE("SGD with momentum agrees with torch's own", "[fast][optimizers]") {
  for (const double decay : {0.0, 1e-2}) {
    const OptimizerSpec spec{.kind = OptimizerKind::kSgd,
                             .lr = 1e-2,
                             .momentum = 0.6,
                             .momentum_final = 0.6,
                             .weight_decay = decay};
    const auto reference = [&](std::vector<torch::Tensor> parameters) {
      return torch::optim::SGD(std::move(parameters),
                               torch::optim::SGDOptions(1e-2).momentum(0.6).weight_decay(decay));
    };
    CHECK(drift(spec, reference, false) < 1e-6);
    CHECK(drift(spec, reference, true) < 1e-6);
  }
}

TEST_CASE("learning rates follow their schedules", "[fast][optimizers]") {
  using Catch::Matchers::WithinRel;
  const OptimizerSpec linear{.lr = 0.5, .lr_law = LrLaw::kLinear, .lr_decay_steps = 8};
  CHECK(scheduled_rate(linear, 0) == 0.5);
  CHECK(scheduled_rate(linear, 6) == 0.125);
  CHECK(scheduled_rate(linear, 9) == 0.0);
  const OptimizerSpec falling{
      .lr = 0.1, .lr_law = LrLaw::kExponential, .lr_decay_factor = 1.000004, .lr_min = 1e-6};
  CHECK_THAT(scheduled_rate(falling, 250000), WithinRel(0.1 * std::exp(-0.999998), 1e-9));
  CHECK(scheduled_rate(falling, 10000000) == 1e-6);
  CHECK(scheduled_rate({.lr = 0.25}, 1000) == 0.25);
}

TEST_CASE("a scheduled step is the constant step of that moment's rate", "[fast][optimizers]") {
  for (const auto kind : {OptimizerKind::kAdam, OptimizerKind::kRmsprop, OptimizerKind::kSgd}) {
    OptimizerToy falling, fixed;
    auto updates = torch::full({}, 3, torch::kInt64);
    const OptimizerSpec schedule{
        .kind = kind, .lr = 4e-2, .lr_law = LrLaw::kLinear, .lr_decay_steps = 4};
    auto a = make_optimizer(schedule, falling.parameters(), {.updates = updates});
    auto b = make_optimizer({.kind = kind, .lr = 1e-2}, fixed.parameters());
    const auto x = torch::ones({2, 3, 6, 5});
    a->step(gradients_of(falling.loss(x), a->parameters()));
    b->step(gradients_of(fixed.loss(x), b->parameters()));
    CHECK(largest_difference(falling, fixed) < 1e-8);
    updates.fill_(4);
    OptimizerToy before;
    torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < 3; ++i) before.parameters()[i].copy_(falling.parameters()[i]);
    if (kind == OptimizerKind::kSgd) continue;  // its velocity carries it on
    a->step(b->parameters());
    CHECK(largest_difference(falling, before) == 0.0);
  }
}

TEST_CASE("momentum rises to its last value", "[fast][optimizers]") {
  // With gradients of zero a step is the velocity times the momentum.
  auto updates = torch::zeros({}, torch::kInt64);
  const auto w = torch::zeros({1});
  auto sgd = make_optimizer({.kind = OptimizerKind::kSgd,
                             .lr = 1,
                             .momentum = 0.5,
                             .momentum_final = 0.75,
                             .momentum_steps = 100},
                            {w}, {.updates = updates});
  sgd->step({torch::full({1}, -1.0F)});
  CHECK(w.item<float>() == 1.0F);
  updates.fill_(40);
  sgd->step({torch::zeros({1})});
  CHECK(std::abs(w.item<float>() - 1.6F) < 1e-6F);
  updates.fill_(1000);
  sgd->step({torch::zeros({1})});
  CHECK(std::abs(w.item<float>() - (1.6F + 0.45F)) < 1e-6F);
}

TEST_CASE("an optimizer moves the parameters at all", "[fast][optimizers]") {
  OptimizerToy moved, still;
  auto optimizer = make_optimizer({.kind = OptimizerKind::kAdam, .lr = 1e-2}, moved.parameters());
  optimizer->step(gradients_of(moved.loss(torch::ones({2, 3, 6, 5})), optimizer->parameters()));
  // Adam's first step is the learning rate in every weight with a gradient.
  const double difference = largest_difference(moved, still);
  CHECK(difference > 0.9e-2);
  CHECK(difference < 1.1e-2);
}

TEST_CASE("gradients come in their parameters' memory layout", "[fast][optimizers]") {
  OptimizerToy toy;
  use_channels_last(toy);
  const auto gradients = gradients_of(toy.loss(torch::ones({2, 3, 6, 5})), toy.parameters());
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(gradients[i].strides() == toy.parameters()[i].strides());
  }
}

TEST_CASE("the joint norm is that of all numbers together", "[fast][optimizers]") {
  const auto norm = joint_norm({torch::full({2, 2}, 1.0f), torch::full({3}, 2.0f)});
  CHECK(norm.item<double>() == 4.0);
}

}  // namespace ganselect
