#include "models/augmentation.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/torch/generators.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using torch::Tensor;

Tensor numbered_image(std::int64_t size) {
  return torch::arange(1, 1 + 2 * size * size, torch::kFloat32).view({1, 2, size, size});
}

TEST_CASE("a shift moves pixels and lets zeros in", "[fast][formula]") {
  const auto x = numbered_image(4);
  const auto y = shifted(x, torch::tensor({1}), torch::tensor({-2}));
  CHECK(y[0][0][0].equal(torch::zeros({4})));
  CHECK(y.slice(2, 1, 4).slice(3, 0, 2).equal(x.slice(2, 0, 3).slice(3, 2, 4)));
  CHECK(y.slice(3, 2, 4).equal(torch::zeros({1, 2, 4, 2})));
  CHECK(shifted(x, torch::tensor({0}), torch::tensor({0})).equal(x));
  // Each image by its own.
  const auto two = shifted(torch::cat({x, x}), torch::tensor({0, 3}), torch::tensor({0, 0}));
  CHECK(two[0].equal(x[0]));
  CHECK(two[1].slice(1, 3, 4).equal(x[0].slice(1, 0, 1)));
}

TEST_CASE("a cut covers its square within the image", "[fast][formula]") {
  const auto x = torch::ones({2, 3, 6, 6});
  const auto y = cut_out(x, torch::tensor({0, 3}), torch::tensor({6, 2}), 4);
  // Rows -2 to 1 and columns 4 to 7 of the first, rows 1 to 4 and columns 0 to 3 of the second.
  auto expected = torch::ones({2, 3, 6, 6});
  expected[0].slice(1, 0, 2).slice(2, 4, 6).zero_();
  expected[1].slice(1, 1, 5).slice(2, 0, 4).zero_();
  CHECK(y.equal(expected));
}

TEST_CASE("the laws are those of the published code", "[fast][formula]") {
  // A flat image with a little spread over its channels shows each factor apart.
  constexpr std::int64_t kCount = 4000;
  auto random = make_generator(5);
  auto x = torch::zeros({kCount, 2, 8, 8});
  x.select(1, 0).fill_(0.1F);
  x.select(1, 1).fill_(-0.1F);
  const auto y = diffaugment(x, random);
  const auto seen = y.abs().sum(1).gt(0);
  // Where a pixel is seen at all: brightness is the mean over channels, saturation x contrast the
  // half distance between them over 0.1.
  const auto count = seen.to(torch::kFloat32).sum({1, 2});
  CHECK(count.min().item<float>() >= 8 * 8 - 4 * 4 - 2 * 8 + 1);
  const auto mean = y.mean(1).sum({1, 2}) / count;
  CHECK_THAT(mean.min().item<double>(), WithinAbs(-0.5, 0.01));
  CHECK_THAT(mean.max().item<double>(), WithinAbs(0.5, 0.01));
  CHECK_THAT(mean.std().item<double>(), WithinAbs(std::sqrt(1.0 / 12), 0.01));
  const auto factor = (y.select(1, 0) - y.select(1, 1)).sum({1, 2}) / count / 0.2;
  CHECK(factor.min().item<double>() >= -1e-5);
  CHECK(factor.max().item<double>() <= 3.0 + 1e-5);
  // E of U(0, 2) U(0.5, 1.5) is 1; its deviation is sqrt(4/3 x 13/12 - 1).
  CHECK_THAT(factor.mean().item<double>(), WithinAbs(1.0, 0.04));
  CHECK_THAT(factor.std().item<double>(), WithinAbs(std::sqrt(4.0 / 3 * 13 / 12 - 1), 0.03));
  // A shift of one pixel at most, each as likely.
  const auto first_row = seen.select(1, 0).any(1).logical_not().to(torch::kFloat32).mean();
  CHECK(first_row.item<double>() > 0.25);
  CHECK(first_row.item<double>() < 0.5);
}

TEST_CASE("translation alone moves images and leaves their values alone", "[fast][formula]") {
  const auto x = torch::rand({60, 3, 8, 8}, make_generator(1)) + 1;
  auto random = make_generator(2);
  const auto y = diffaugment(x, random, {.color = false, .cutout = false});
  const auto middle = x.slice(2, 1, 7).slice(3, 1, 7);
  int moved = 0;
  for (std::int64_t n = 0; n < x.size(0); ++n) {
    int places = 0;
    for (std::int64_t down = -1; down <= 1; ++down) {
      for (std::int64_t right = -1; right <= 1; ++right) {
        const auto there = y[n].slice(1, 1 + down, 7 + down).slice(2, 1 + right, 7 + right);
        const bool same = torch::allclose(there, middle[n]);
        places += same ? 1 : 0;
        moved += same && (down != 0 || right != 0) ? 1 : 0;
      }
    }
    CHECK(places == 1);
  }
  CHECK(moved > 40);  // of 60, by a chance of 8/9
}

TEST_CASE("random numbers come from the generator given alone", "[fast][formula]") {
  const auto x = torch::rand({3, 3, 32, 32}, make_generator(1));
  auto a = make_generator(7), b = make_generator(7), c = make_generator(8);
  const auto first = diffaugment(x, a);
  torch::manual_seed(3);
  CHECK(first.equal(diffaugment(x, b)));
  CHECK_FALSE(first.equal(diffaugment(x, c)));
  CHECK_FALSE(first.equal(diffaugment(x, a)));
}

TEST_CASE("gradients and their gradients pass through augmentation", "[fast][formula]") {
  // y is linear in x, so a difference of any size gives the derivative but for rounding.
  const auto x = torch::rand({2, 3, 8, 8}, make_generator(1), torch::kFloat64);
  const auto direction = torch::rand_like(x);
  const auto weights = torch::rand({2, 3, 8, 8}, make_generator(2), torch::kFloat64);
  const auto value = [&](const Tensor& at) {
    auto random = make_generator(9);
    return (diffaugment(at, random) * weights).sum();
  };
  auto leaf = x.clone().requires_grad_(true);
  const auto gradient = torch::autograd::grad({value(leaf)}, {leaf}, {}, true, true)[0];
  const double slope = (value(x + direction) - value(x)).item<double>();
  CHECK_THAT((gradient * direction).sum().item<double>(), WithinAbs(slope, 1e-9));

  // |grad of f(T(x))|^2 differentiated once more, as a penalty does.
  const auto penalty = [&](const Tensor& at) {
    auto random = make_generator(9);
    auto input = at.detach().requires_grad_(true);
    const auto inner = (diffaugment(input, random).pow(3) * weights).sum();
    const auto g = torch::autograd::grad({inner}, {input}, {}, true, true)[0];
    return std::pair(g.square().sum(), input);
  };
  const auto [norm, input] = penalty(x);
  const auto second = torch::autograd::grad({norm}, {input})[0];
  constexpr double kStep = 1e-5;
  const double difference = (penalty(x + kStep * direction).first.item<double>() -
                             penalty(x - kStep * direction).first.item<double>()) /
                            (2 * kStep);
  const double expected = (second * direction).sum().item<double>();
  CHECK_THAT(difference, WithinAbs(expected, 1e-5 * std::abs(expected)));
}

}  // namespace
}  // namespace ganselect
