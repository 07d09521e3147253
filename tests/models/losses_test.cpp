// Properties every row of the table of losses must have. Values are held by loss_oracle_test.cpp.
#include "models/losses.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <functional>

#include "tests/models/loss_cases.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using test::contains;
using test::LossCase;
using test::thrown_by;
using torch::Tensor;

Tensor doubles(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64); }

// Scores away from every kink: the nearest, of a hinge at 1, is 0.05 off.
Tensor real_scores() { return doubles({0.7, -1.3, 2.1, 0.05}); }
Tensor fake_scores() { return doubles({-0.4, 1.9, -2.6, 0.33}); }
Tensor pair_margins() { return doubles({0.5, 1.25, 2.0, 0.125}); }

// Of the eight scores in one vector, real first.
using ScoreFunction = std::function<Tensor(const Tensor&)>;

ScoreFunction critic_of(const LossCase& test_case) {
  return [&test_case](const Tensor& all) {
    const auto parts = all.chunk(2);
    return critic_loss(*test_case.loss, {.real = parts[0], .fake = parts[1]}, test_case.context);
  };
}
ScoreFunction generator_of(const LossCase& test_case) {
  return [&test_case](const Tensor& all) {
    const auto parts = all.chunk(2);
    return generator_loss(*test_case.loss, {.real = parts[0], .fake = parts[1]}, test_case.context);
  };
}

Tensor gradient_of(const ScoreFunction& function, const Tensor& at, bool keep_graph = false) {
  const auto loss = function(at);
  return torch::autograd::grad({loss}, {at}, {}, keep_graph, keep_graph)[0];
}

// Central differences of a vector or scalar function, step 1e-5: error 1e-10 of truncation and
// 1e-11 of rounding.
Tensor central_differences(const std::function<Tensor(const Tensor&)>& function, const Tensor& at) {
  constexpr double kStep = 1e-5;
  std::vector<Tensor> columns;
  for (std::int64_t i = 0; i < at.size(0); ++i) {
    auto up = at.detach().clone();
    auto down = at.detach().clone();
    up[i] += kStep;
    down[i] -= kStep;
    columns.push_back((function(up) - function(down)) / (2 * kStep));
  }
  return torch::stack(columns, -1);
}

void check_derivatives(const ScoreFunction& function) {
  const auto at = torch::cat({real_scores(), fake_scores()}).requires_grad_(true);
  const auto first = gradient_of(function, at, /*keep_graph=*/true);
  const auto differences =
      central_differences([&](const Tensor& x) { return function(x).detach(); }, at);
  CHECK(torch::allclose(first.detach(), differences, 1e-7, 1e-8));

  // Double backward: the derivative of <gradient, direction>, with a direction of no symmetry. A
  // loss that is piecewise linear has a gradient without history and a second derivative of zero.
  const auto direction = torch::arange(1, 9, torch::kFloat64).cos();
  const auto expected = central_differences(
      [&](const Tensor& x) {
        auto leaf = x.clone().requires_grad_(true);
        return gradient_of(function, leaf).dot(direction).detach();
      },
      at);
  auto second = torch::zeros_like(at);
  const auto along = first.dot(direction);
  if (along.requires_grad()) {
    const auto result =
        torch::autograd::grad({along}, {at}, {}, false, false, /*allow_unused=*/true)[0];
    if (result.defined()) second = result;
  }
  CHECK(torch::allclose(second.detach(), expected, 1e-6, 1e-8));
}

TEST_CASE("first and second derivatives of every loss agree with finite differences",
          "[fast][loss]") {
  for (const auto& test_case : test::loss_cases(pair_margins())) {
    INFO(test_case.name);
    check_derivatives(critic_of(test_case));
    check_derivatives(generator_of(test_case));
  }
}

TEST_CASE("a loss tells real from fake scores", "[fast][loss]") {
  const CriticScores scores{.real = real_scores(), .fake = fake_scores()};
  const CriticScores swapped{.real = fake_scores(), .fake = real_scores()};
  for (const auto& test_case : test::loss_cases(pair_margins())) {
    INFO(test_case.name);
    const auto critic = critic_loss(*test_case.loss, scores, test_case.context);
    const auto confused = critic_loss(*test_case.loss, swapped, test_case.context);
    CHECK(std::abs((critic - confused).item<double>()) > 1e-3);
  }
}

TEST_CASE(
    "a critic gains by raising real and lowering fake scores, a generator by raising fake ones",
    "[fast][loss]") {
  // A tie: every score is 0.2, within every hinge's margin and on the rising side of every square.
  const auto tie = torch::full({4}, 0.2, torch::kFloat64);
  for (const auto& test_case : test::loss_cases(pair_margins())) {
    INFO(test_case.name);
    const auto at = torch::cat({tie, tie}).requires_grad_(true);
    const auto critic = gradient_of(critic_of(test_case), at).chunk(2);
    CHECK(critic[0].lt(0).all().item<bool>());
    CHECK(critic[1].gt(0).all().item<bool>());
    // With target c = 0 the Pearson generator pulls the fake scores down to 0.
    if (test_case.context.parameters.least_squares_c == 0.0) continue;
    const auto generator = gradient_of(generator_of(test_case), at).chunk(2);
    CHECK(generator[1].lt(0).all().item<bool>());
  }
}

TEST_CASE("losses and gradients are finite for scores of 80 either way in float32",
          "[fast][loss]") {
  const auto margins = torch::ones({3});
  for (const auto& test_case : test::loss_cases(margins)) {
    for (const double sign : {1.0, -1.0}) {
      INFO(test_case.name << " sign " << sign);
      const CriticScores scores{
          .real = torch::tensor({80.0F, 3.0F, -80.0F}).mul(sign).requires_grad_(true),
          .fake = torch::tensor({-80.0F, 0.5F, 79.0F}).mul(sign).requires_grad_(true)};
      const auto critic = critic_loss(*test_case.loss, scores, test_case.context);
      const auto generator = generator_loss(*test_case.loss, scores, test_case.context);
      CHECK(std::isfinite(critic.item<float>()));
      CHECK(std::isfinite(generator.item<float>()));
      for (const auto& loss : {critic, generator}) {
        const auto gradients =
            torch::autograd::grad({loss}, {scores.real, scores.fake}, {},
                                  /*retain_graph=*/true, false, /*allow_unused=*/true);
        for (const auto& gradient : gradients) {
          if (gradient.defined()) CHECK(gradient.isfinite().all().item<bool>());
        }
      }
    }
  }
}

TEST_CASE("a loss is a mean: the batch twice over changes nothing", "[fast][loss]") {
  const CriticScores once{.real = real_scores(), .fake = fake_scores()};
  const CriticScores twice{.real = once.real.repeat(2), .fake = once.fake.repeat(2)};
  for (auto& test_case : test::loss_cases(pair_margins())) {
    INFO(test_case.name);
    auto doubled = test_case.context;
    if (doubled.margin.defined()) doubled.margin = doubled.margin.repeat(2);
    CHECK_THAT(
        critic_loss(*test_case.loss, twice, doubled).item<double>(),
        WithinAbs(critic_loss(*test_case.loss, once, test_case.context).item<double>(), 1e-12));
    CHECK_THAT(
        generator_loss(*test_case.loss, twice, doubled).item<double>(),
        WithinAbs(generator_loss(*test_case.loss, once, test_case.context).item<double>(), 1e-12));
  }
}

TEST_CASE("real scores can be left out where the generator's loss does not read them",
          "[fast][loss]") {
  for (const auto& test_case : test::loss_cases(pair_margins())) {
    INFO(test_case.name);
    const CriticScores fakes_only{.real = {}, .fake = fake_scores()};
    const auto call = [&] { generator_loss(*test_case.loss, fakes_only, test_case.context); };
    if (test_case.loss->generator_needs_real) {
      CHECK(contains(thrown_by(call).message, "real scores"));
    } else {
      CHECK_NOTHROW(call());
    }
  }
}

TEST_CASE("scores of wrong shape, length or type are refused by name", "[fast][loss]") {
  const auto& paired = losses().at("relativistic");
  const auto short_real = real_scores().narrow(0, 0, 3);
  CHECK(
      contains(thrown_by([&] {
                 critic_loss(paired, {short_real, fake_scores()}, {});
               }).message,
               "[loss relativistic] expected real and fake scores of one length, got [3] and [4]"));
  const auto& hinge = losses().at("hinge");
  CHECK(contains(thrown_by([&] {
                   critic_loss(hinge, {real_scores().view({2, 2}), fake_scores()}, {});
                 }).message,
                 "expected real scores, (N,) of a floating type, got shape [2, 2]"));
  CHECK(contains(thrown_by([&] {
                   critic_loss(hinge, {real_scores(), torch::ones({4}, torch::kInt64)}, {});
                 }).message,
                 "fake scores"));
  CHECK(contains(thrown_by([&] {
                   critic_loss(losses().at("f-divergence"), {real_scores(), fake_scores()}, {});
                 }).message,
                 "expected a divergence, got none"));
  LossContext with_divergence{.divergence = &divergences().at("kl")};
  CHECK(contains(thrown_by([&] {
                   critic_loss(hinge, {real_scores(), fake_scores()}, with_divergence);
                 }).message,
                 "expected no divergence, got kl"));
  CHECK(contains(thrown_by([&] {
                   critic_loss(losses().at("loss-sensitive"), {real_scores(), fake_scores()}, {});
                 }).message,
                 "expected margins"));
}

TEST_CASE("the margin of a pair is its L1 distance, scaled with the size of a sample",
          "[fast][loss]") {
  const LossParameters parameters;
  auto real = torch::zeros({2, 3, 64, 64});
  auto fake = torch::zeros({2, 3, 64, 64});
  real[1].fill_(0.5);
  fake[1].fill_(-0.25);
  const auto at_64 = pair_margin(real, fake, parameters);
  CHECK_THAT(at_64[0].item<double>(), WithinAbs(0.0, 1e-12));
  CHECK_THAT(at_64[1].item<double>(), WithinAbs(2e-4 * 0.75 * 12288, 1e-5));
  // The same mean difference at another size gives the same margin.
  const auto at_32 =
      pair_margin(torch::full({1, 3, 32, 32}, 0.5), torch::full({1, 3, 32, 32}, -0.25), parameters);
  CHECK_THAT(at_32[0].item<double>(), WithinAbs(2e-4 * 0.75 * 12288, 1e-5));
  CHECK(contains(thrown_by([&] { pair_margin(real, at_32, parameters); }).message, "pair_margin"));
}

TEST_CASE("every row states its paper, formulas and what to expect of its curve", "[fast][loss]") {
  for (const auto& row : losses()) {
    INFO(row.name);
    for (const auto& text : {row.paper, row.arxiv, row.critic_formula, row.generator_formula,
                             row.minimizes, row.curve_hint, row.known_trouble}) {
      CHECK_FALSE(text.empty());
    }
  }
}

}  // namespace
}  // namespace ganselect
