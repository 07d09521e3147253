#include "models/penalties.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/torch/generators.h"
#include "models/build.h"
#include "models/candidates.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using torch::Tensor;

// C(x) = w . x: the gradient is w at every x.
struct LinearCritic : Critic {
  explicit LinearCritic(Tensor weights) { w = register_parameter("w", std::move(weights)); }
  Tensor score(const Tensor& x, const Condition&) override {
    last_input = x.detach();
    return torch::mv(x.flatten(1), w);
  }
  Tensor w, last_input;
};

// C(x) = sum of a_i tanh(b_i x_i): smooth, its gradient differs from sample to sample.
struct SmoothCritic : Critic {
  SmoothCritic() {
    a = register_parameter("a", torch::tensor({0.9, -1.4, 0.6}, torch::kFloat64));
    b = register_parameter("b", torch::tensor({1.1, 0.4, -0.8}, torch::kFloat64));
  }
  Tensor score(const Tensor& x, const Condition&) override {
    return (a * torch::tanh(b * x)).sum(1);
  }
  Tensor a, b;
};

// C(x) = |x|^2 / 2: the gradient is x.
struct QuadraticCritic : Critic {
  Tensor score(const Tensor& x, const Condition&) override {
    return x.flatten(1).square().sum(1) / 2;
  }
};

Tensor real_batch() { return torch::tensor({{0.3, -0.7, 1.2}, {-1.1, 0.2, 0.5}}, torch::kFloat64); }
Tensor fake_batch() {
  return torch::tensor({{-0.4, 0.9, 0.1}, {0.8, -0.6, -1.3}}, torch::kFloat64);
}

Tensor penalty_of(const std::string& name, Critic& critic, const Tensor& real, const Tensor& fake,
                  std::uint64_t seed = 7, const PenaltyParameters& parameters = {}) {
  return penalty_sum({name},
                     {.critic = critic,
                      .condition = {},
                      .real = real,
                      .fake = fake,
                      .noise = make_generator(seed)},
                     parameters);
}

std::vector<std::string> gradient_penalties() {
  std::vector<std::string> names;
  for (const auto& row : penalties()) {
    if (row.penalty != nullptr) names.push_back(row.name);
  }
  return names;
}

TEST_CASE("penalties of a linear critic are known in closed form", "[fast][formula]") {
  LinearCritic critic(torch::tensor({3.0, 0.0, 4.0}, torch::kFloat64));  // norm 5
  PenaltyParameters parameters;
  parameters.r1_gamma = 0.5;
  const auto value = [&](const char* name) {
    return penalty_of(name, critic, real_batch(), fake_batch(), 7, parameters).item<double>();
  };
  CHECK_THAT(value("gradient-penalty"), WithinRel(10.0 * 16.0, 1e-12));
  CHECK_THAT(value("dragan"), WithinRel(10.0 * 16.0, 1e-12));
  CHECK_THAT(value("r1"), WithinRel(0.25 * 25.0, 1e-12));
  CHECK_THAT(value("r1+r2"), WithinRel(0.5 * 25.0, 1e-12));
}

TEST_CASE("a gradient's norm is drawn to 1 from below and above, in each sample by itself",
          "[fast][formula]") {
  QuadraticCritic critic;
  // Real and fake alike, so that all between them is known: norms 0.5, 2 and 3.
  const auto x =
      torch::tensor({{0.3, -0.4, 0.0}, {0.0, 2.0, 0.0}, {1.0, -2.0, 2.0}}, torch::kFloat64);
  const auto penalty = penalty_of("gradient-penalty", critic, x, x).item<double>();
  CHECK_THAT(penalty, WithinRel(10.0 * (0.25 + 1.0 + 4.0) / 3.0, 1e-12));
  LinearCritic flat(torch::tensor({0.3, 0.0, 0.4}, torch::kFloat64));
  for (const char* name : {"gradient-penalty", "dragan"}) {
    INFO(name);
    CHECK_THAT(penalty_of(name, flat, real_batch(), fake_batch()).item<double>(),
               WithinRel(10.0 * 0.25, 1e-12));
  }
}

TEST_CASE("a critic with gradient zero has finite penalties and gradients", "[fast][formula]") {
  for (const auto& name : gradient_penalties()) {
    INFO(name);
    LinearCritic critic(torch::zeros({3}, torch::kFloat64));
    const auto penalty = penalty_of(name, critic, real_batch(), fake_batch());
    penalty.backward();
    CHECK(std::isfinite(penalty.item<double>()));
    CHECK(critic.w.grad().isfinite().all().item<bool>());
  }
}

TEST_CASE("the gradient of every penalty in the critic's parameters is right", "[fast][formula]") {
  constexpr double kStep = 1e-5;
  for (const auto& name : gradient_penalties()) {
    SmoothCritic critic;
    penalty_of(name, critic, real_batch(), fake_batch()).backward();
    for (auto& parameter : critic.named_parameters()) {
      INFO(name << ", parameter " << parameter.key());
      auto& w = parameter.value();
      for (std::int64_t i = 0; i < w.numel(); ++i) {
        const auto at = [&](double shift) {
          {
            const torch::NoGradGuard no_grad;
            w[i] += shift;
          }
          const double value = penalty_of(name, critic, real_batch(), fake_batch()).item<double>();
          {
            const torch::NoGradGuard no_grad;
            w[i] -= shift;
          }
          return value;
        };
        const double expected = (at(kStep) - at(-kStep)) / (2 * kStep);
        CHECK_THAT(w.grad()[i].item<double>(),
                   WithinAbs(expected, 1e-7 * (1 + std::abs(expected))));
      }
    }
  }
}

// The backbones' own layers: their piecewise linear activation, convolutions and spectral norm,
// differentiated twice.
TEST_CASE("the gradient of penalties through every backbone agrees with finite differences",
          "[fast][formula]") {
  constexpr double kStep = 1e-7;  // short, so that no unit crosses its kink
  for (const char* architecture : {"dcgan", "sngan-cnn", "resnet"}) {
    const auto point = std::string(architecture) + "/hinge/r1+r2+spectral-norm";
    const auto candidate = parse_point(point);
    const BuildSettings settings{.shape = SampleShape::image(1, 32, 32), .width = 0.05};
    const auto critic = build_critic(candidate, settings, 3);
    critic->to(torch::kFloat64);
    critic->eval();  // the singular vectors stand still
    auto generator = make_generator(5);
    const auto options = torch::TensorOptions().dtype(torch::kFloat64);
    const auto real = torch::randn({2, 1, 32, 32}, generator, options);
    const auto fake = torch::randn({2, 1, 32, 32}, generator, options);
    // Scores far from zero: a penalty of 1e-12 would agree with anything.
    {
      const torch::NoGradGuard no_grad;
      for (auto& parameter : critic->parameters()) {
        if (parameter.dim() == 1) parameter.normal_(0.0, 0.3, generator);
      }
    }
    penalty_of("r1+r2", *critic, real, fake).backward();
    int checked = 0;
    for (auto& parameter : critic->named_parameters()) {
      auto flat = parameter.value().detach().view({-1});
      // A bias moves no gradient but across a kink; weights are what the penalty acts on.
      if (parameter.value().dim() < 2) continue;
      INFO(point << ", parameter " << parameter.key());
      const auto i = flat.numel() / 2;
      const double start = flat[i].item<double>();
      flat[i] = start + kStep;
      const double up = penalty_of("r1+r2", *critic, real, fake).item<double>();
      flat[i] = start - kStep;
      const double down = penalty_of("r1+r2", *critic, real, fake).item<double>();
      flat[i] = start;
      const double expected = (up - down) / (2 * kStep);
      const double got = parameter.value().grad().view({-1})[i].item<double>();
      const double scale = parameter.value().grad().abs().max().item<double>();
      CHECK(scale > 1e-9);
      CHECK_THAT(got, WithinAbs(expected, 1e-5 * scale + 1e-9));
      ++checked;
    }
    CHECK(checked >= 5);
  }
}

TEST_CASE("gradient-penalty looks between real and fake, one place per sample", "[fast][formula]") {
  LinearCritic critic(torch::ones({3}, torch::kFloat64));
  const auto real = real_batch(), fake = fake_batch();
  penalty_of("gradient-penalty", critic, real, fake);
  const auto share = (critic.last_input - real) / (fake - real);
  CHECK(share.gt(0).all().item<bool>());
  CHECK(share.lt(1).all().item<bool>());
  CHECK(torch::allclose(share.std(1), torch::zeros({2}, torch::kFloat64), 0, 1e-12));
  CHECK(std::abs((share[0][0] - share[1][0]).item<double>()) > 1e-3);
}

TEST_CASE("dragan looks half a standard deviation around the data", "[fast][formula]") {
  LinearCritic critic(torch::ones({3}, torch::kFloat64));
  const auto real = real_batch();
  penalty_of("dragan", critic, real, fake_batch());
  const auto move = (critic.last_input - real) / (0.5 * real.std(false));
  CHECK(move.ge(0).all().item<bool>());
  CHECK(move.lt(1).all().item<bool>());
  CHECK(move.std().item<double>() > 0.05);
}

TEST_CASE("r1 looks at real samples alone", "[fast][formula]") {
  LinearCritic critic(torch::ones({3}, torch::kFloat64));
  penalty_of("r1", critic, real_batch(), fake_batch());
  CHECK(critic.last_input.equal(real_batch()));
}

TEST_CASE("a penalty's noise comes from its generator alone", "[fast][formula]") {
  for (const char* name : {"gradient-penalty", "dragan"}) {
    INFO(name);
    SmoothCritic critic;
    const auto first = penalty_of(name, critic, real_batch(), fake_batch(), 11);
    torch::manual_seed(99);
    const auto again = penalty_of(name, critic, real_batch(), fake_batch(), 11);
    const auto other = penalty_of(name, critic, real_batch(), fake_batch(), 12);
    CHECK(first.equal(again));
    CHECK_FALSE(first.equal(other));
  }
}

TEST_CASE("weight-clip holds every parameter within its bound", "[fast][formula]") {
  LinearCritic critic(torch::tensor({3.0, -0.004, -4.0}, torch::kFloat64));
  after_critic_step({"weight-clip"}, critic, {});
  CHECK(critic.w.detach().equal(torch::tensor({0.01, -0.004, -0.01}, torch::kFloat64)));
}

TEST_CASE("regularizers without a penalty add none", "[fast][formula]") {
  SmoothCritic critic;
  CHECK_FALSE(penalty_of("spectral-norm", critic, real_batch(), fake_batch()).defined());
  const auto thrown =
      test::thrown_by([&] { penalty_of("gradient-penalti", critic, real_batch(), fake_batch()); });
  CHECK(thrown.kind == ErrorKind::kUsage);
  CHECK(test::contains(thrown.message, "did you mean 'gradient-penalty'?"));
}

TEST_CASE("penalties named together add up", "[fast][formula]") {
  SmoothCritic critic;
  const auto real = real_batch(), fake = fake_batch();
  const auto sum = penalty_sum(
      {"r1", "weight-decay", "r1+r2"},
      {.critic = critic, .condition = {}, .real = real, .fake = fake, .noise = make_generator(1)},
      {});
  const auto parts = penalty_of("r1", critic, real, fake) + penalty_of("r1+r2", critic, real, fake);
  CHECK_THAT(sum.item<double>(), WithinRel(parts.item<double>(), 1e-12));
}

}  // namespace
}  // namespace ganselect
