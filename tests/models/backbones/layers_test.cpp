#include "models/backbones/layers.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include "base/torch/generators.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using torch::Tensor;

constexpr InitRule kUnitNormal{InitLaw::kNormal, 1.0};

double largest_singular_value(const Tensor& weight) {
  return std::get<1>(torch::linalg_svd(weight.detach().flatten(1))).max().item<double>();
}

ConvLayer normalized_conv(std::uint64_t seed) {
  return ConvLayer({.in = 5, .out = 7, .kernel = 3, .stride = 1}, kUnitNormal, make_generator(seed),
                   true);
}

TEST_CASE("spectral norm agrees with a full singular value decomposition", "[fast]") {
  auto layer = normalized_conv(1);
  layer.to(torch::kFloat64);
  const double exact = largest_singular_value(layer.named_parameters()["weight"]);
  for (int i = 0; i < 300; ++i) layer.current_weight();
  const auto& raw = layer.named_parameters()["weight"];
  const auto ratio = (raw / layer.current_weight()).detach();
  CHECK_THAT(ratio.min().item<double>(), WithinRel(exact, 1e-9));
  CHECK_THAT(ratio.max().item<double>(), WithinRel(exact, 1e-9));
  CHECK_THAT(largest_singular_value(layer.current_weight()), WithinAbs(1.0, 1e-9));
}

TEST_CASE("spectral norm of a channels-last weight is the same", "[fast]") {
  auto plain = normalized_conv(2), last = normalized_conv(2);
  use_channels_last(last);
  REQUIRE(last.named_parameters()["weight"].is_contiguous(at::MemoryFormat::ChannelsLast));
  REQUIRE_FALSE(last.named_parameters()["weight"].is_contiguous());
  for (int i = 0; i < 20; ++i) {
    CHECK(torch::allclose(plain.current_weight(), last.current_weight(), 1e-5, 1e-6));
  }
}

TEST_CASE("a training call takes one power iteration, an evaluation call none", "[fast]") {
  auto layer = normalized_conv(3);
  const auto u = layer.named_buffers()["u"];
  const auto matrix = layer.named_parameters()["weight"].detach().flatten(1);
  const auto start = u.clone();
  layer.eval();
  const auto first = layer.current_weight();
  CHECK(u.equal(start));
  CHECK(layer.current_weight().equal(first));
  layer.train();
  layer.current_weight();
  const auto v = torch::nn::functional::normalize(
      torch::mv(matrix.t(), start), torch::nn::functional::NormalizeFuncOptions().dim(0));
  const auto expected = torch::nn::functional::normalize(
      torch::mv(matrix, v), torch::nn::functional::NormalizeFuncOptions().dim(0));
  CHECK(torch::allclose(u, expected, 1e-5, 1e-6));
}

TEST_CASE("two calls before one backward give the sum of the two gradients", "[fast]") {
  const auto x = torch::randn({2, 5, 4, 4}, make_generator(4));
  const auto y = torch::randn({2, 5, 4, 4}, make_generator(5));
  auto together = normalized_conv(6), apart = normalized_conv(6);
  // In two statements: each call moves the power iteration on, and operands have no order of their
  // own.
  const auto first = together.forward(x).square().sum();
  const auto second = together.forward(y).sum();
  (first + second).backward();
  apart.forward(x).square().sum().backward();
  apart.forward(y).sum().backward();
  CHECK(torch::allclose(together.named_parameters()["weight"].grad(),
                        apart.named_parameters()["weight"].grad(), 1e-5, 1e-5));
}

TEST_CASE("the gradient flows through the singular value", "[fast]") {
  // A weight's length does not matter after normalization, so the gradient is orthogonal to the
  // weight once u and v are the singular vectors.
  auto layer = normalized_conv(7);
  layer.to(torch::kFloat64);
  for (int i = 0; i < 300; ++i) layer.current_weight();
  const auto x = torch::randn({2, 5, 4, 4}, make_generator(8), torch::kFloat64);
  layer.forward(x).square().sum().backward();
  const auto& weight = layer.named_parameters()["weight"];
  const double along = (weight * weight.grad()).sum().item<double>();
  const double scale = weight.norm().item<double>() * weight.grad().norm().item<double>();
  CHECK(scale > 1.0);
  CHECK(std::abs(along) < 1e-9 * scale);
}

TEST_CASE("leaky_relu has LibTorch's values and gradients, and no second derivative", "[fast]") {
  for (const double slope : {0.0, 0.1, 0.2}) {
    const auto x = torch::randn({50}, make_generator(9), torch::kFloat64).requires_grad_(true);
    const auto weights =
        torch::randn({50}, make_generator(10), torch::kFloat64).requires_grad_(true);
    const auto ours = leaky_relu(x, slope);
    CHECK(ours.equal(at::leaky_relu(x, slope)));
    const auto gradient =
        torch::autograd::grad({(ours * weights).sum()}, {x}, {}, true, /*create_graph=*/true)[0];
    const auto reference =
        torch::autograd::grad({(at::leaky_relu(x, slope) * weights).sum()}, {x})[0];
    CHECK(gradient.detach().equal(reference));
    // Through the gradient that came in there is a derivative, through x there is not even one of
    // zeros.
    const auto second = torch::autograd::grad({gradient.sum()}, {weights, x}, {}, false, false,
                                              /*allow_unused=*/true);
    CHECK(second[0].equal(torch::where(x.detach() > 0, torch::ones({50}, torch::kFloat64),
                                       torch::full({50}, slope, torch::kFloat64))));
    CHECK_FALSE(second[1].defined());
  }
}

TEST_CASE("average_pool has LibTorch's values and gradients, and no second derivative", "[fast]") {
  const auto x =
      torch::randn({2, 3, 6, 4}, make_generator(15), torch::kFloat64).requires_grad_(true);
  const auto weights =
      torch::randn({2, 3, 3, 2}, make_generator(16), torch::kFloat64).requires_grad_(true);
  CHECK(average_pool(x).equal(torch::avg_pool2d(x, 2)));
  const auto gradient =
      torch::autograd::grad({(average_pool(x) * weights).sum()}, {x}, {}, true, true)[0];
  const auto reference = torch::autograd::grad({(torch::avg_pool2d(x, 2) * weights).sum()}, {x})[0];
  CHECK(torch::allclose(gradient, reference, 1e-14, 1e-14));
  const auto second = torch::autograd::grad({gradient.square().sum()}, {weights, x}, {}, false,
                                            false, /*allow_unused=*/true);
  // Each weight reaches four places with a quarter of itself: d/dw of 4 (w/4)^2.
  CHECK(torch::allclose(second[0], 0.5 * weights.detach(), 1e-14, 1e-14));
  CHECK_FALSE(second[1].defined());
}

TEST_CASE("maxout takes the largest of each unit's pieces", "[fast]") {
  const auto x = torch::tensor({{1.0F, 5.0F, -2.0F, -7.0F, -1.0F, -3.0F}});
  CHECK(maxout(x, 3).equal(torch::tensor({{5.0F, -1.0F}})));
}

// Values, gradient and the gradient of a function of the gradient by `of`.
std::vector<torch::Tensor> derivatives(const torch::Tensor& at, const torch::Tensor& weights,
                                       const std::function<torch::Tensor(torch::Tensor)>& of) {
  const auto x = at.detach().clone(at::MemoryFormat::Preserve).requires_grad_();
  const auto w = weights.detach().clone().requires_grad_();
  const auto y = of(x);
  const auto gradient = torch::autograd::grad({(y * w).sum()}, {x}, {}, true, true)[0];
  const auto again = torch::autograd::grad({(gradient * x.detach() * x.detach()).sum()}, {w})[0];
  return {y.detach(), gradient.detach(), again};
}

TEST_CASE("maxout and its derivatives are those of LibTorch's max, bit for bit", "[fast]") {
  torch::manual_seed(4);
  for (const auto type : {torch::kFloat32, torch::kFloat64, torch::kBFloat16}) {
    for (const std::int64_t pieces : {2, 3, 5}) {
      const auto reference = [&](const torch::Tensor& x) {
        return std::get<0>(x.unflatten(1, {-1, pieces}).max(2));
      };
      // Rounded, so that pieces are often equal: the first counts.
      auto rows = (4 * torch::randn({7, 6 * pieces}, type)).round();
      rows[2][1] = std::numeric_limits<float>::quiet_NaN();
      const auto of_rows = torch::randn({7, 6}, type);
      const auto maps = (4 * torch::randn({3, 4 * pieces, 5, 6}, type)).round();
      const auto of_maps = torch::randn({3, 4, 5, 6}, type);
      INFO(type << ", " << pieces << " pieces");
      const auto compare = [&](const torch::Tensor& x, const torch::Tensor& weights, auto of) {
        const auto ours = derivatives(x, weights, of), theirs = derivatives(x, weights, reference);
        for (std::size_t i = 0; i < ours.size(); ++i)
          CHECK(torch::allclose(ours[i], theirs[i], 0.0, 0.0, /*equal_nan=*/true));
      };
      compare(rows, of_rows, [&](const torch::Tensor& x) { return maxout(x, pieces); });
      const auto over_maps = [&](const torch::Tensor& x) { return maxout_maps(x, pieces); };
      compare(maps, of_maps, over_maps);
      compare(maps.contiguous(at::MemoryFormat::ChannelsLast), of_maps, over_maps);
    }
  }
}

TEST_CASE("dropout drops the share asked for, keeps the mean and repeats with its generator",
          "[fast]") {
  const auto x = torch::ones({100, 1000});
  auto random = make_generator(11), same = make_generator(11);
  const auto once = dropout(x, 0.25, random);
  // 1e5 draws: the share's standard deviation is 0.0014.
  CHECK_THAT(once.eq(0).to(torch::kFloat64).mean().item<double>(), WithinAbs(0.25, 0.007));
  CHECK_THAT(once.mean().item<double>(), WithinAbs(1.0, 0.01));
  CHECK(once.equal(dropout(x, 0.25, same)));
  CHECK_FALSE(once.equal(dropout(x, 0.25, same)));
  // By one rule on every processor, in memory's order.
  auto single = make_generator(12), rule = make_generator(12);
  const auto maps = torch::ones({2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast);
  const auto kept = dropout(maps, 0.25, single).permute({0, 2, 3, 1}).flatten().ne(0);
  auto* engine = at::check_generator<at::CPUGeneratorImpl>(rule);
  for (std::int64_t i = 0; i < kept.numel(); ++i) {
    const auto drawn =
        std::ldexp(static_cast<double>(engine->random64() & ((1ULL << 53) - 1)), -53);
    CHECK(kept[i].item<bool>() == (drawn < 0.75));
  }
}

TEST_CASE("first weights follow their law", "[fast]") {
  const auto weight_of = [](InitRule rule) {
    LinearLayer layer(200, 300, true, rule, make_generator(12), false);
    return layer.named_parameters()["weight"].detach().to(torch::kFloat64);
  };
  // 6e4 draws: a standard deviation is known to 0.3%.
  CHECK_THAT(weight_of({InitLaw::kNormal, 0.02}).std().item<double>(), WithinRel(0.02, 0.015));
  const auto expect_uniform = [&](InitRule rule, double bound) {
    const auto weight = weight_of(rule);
    CHECK(weight.abs().max().item<double>() <= bound * (1 + 1e-6));
    CHECK_THAT(weight.std().item<double>(), WithinRel(bound / std::sqrt(3.0), 0.015));
  };
  expect_uniform({InitLaw::kUniform, 0.05}, 0.05);
  expect_uniform({InitLaw::kGlorotUniform, 1.0}, std::sqrt(6.0 / 500.0));
  expect_uniform({InitLaw::kFanInUniform, 1.0}, 1.0 / std::sqrt(200.0));
}

TEST_CASE("batch norm uses batch statistics in training and running ones in evaluation", "[fast]") {
  BatchNormLayer layer(3, 0.0, make_generator(13));
  const auto x = torch::randn({16, 3, 4, 4}, make_generator(14)) * 2 + 5;
  const auto y = layer.forward(x).detach();
  CHECK(torch::allclose(y.mean({0, 2, 3}), torch::zeros({3}), 0, 1e-5));
  CHECK(torch::allclose(y.var({0, 2, 3}, false), torch::ones({3}), 1e-3, 0));
  CHECK(
      torch::allclose(layer.named_buffers()["running_mean"], 0.1 * x.mean({0, 2, 3}), 1e-5, 1e-6));
  layer.eval();
  CHECK_FALSE(torch::allclose(layer.forward(x), y, 0.1, 0.1));
}

}  // namespace
}  // namespace ganselect
