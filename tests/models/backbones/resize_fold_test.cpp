#include "models/backbones/resize_fold.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <functional>

#include "base/torch/generators.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

using torch::Tensor;

using ResizedConv =
    std::function<Tensor(const Tensor& x, const Tensor& weight, const Tensor& bias)>;

struct FoldCase {
  const char* name;
  ResizedConv folded, plain;
};

std::vector<FoldCase> fold_cases() {
  return {{"up-sampling", conv2d_of_upsampled,
           [](const Tensor& x, const Tensor& weight, const Tensor& bias) {
             const auto large = torch::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2});
             return torch::conv2d(large, weight, bias, 1, 1);
           }},
          {"pooling", avg_pool_of_conv2d,
           [](const Tensor& x, const Tensor& weight, const Tensor& bias) {
             return torch::avg_pool2d(torch::conv2d(x, weight, bias, 1, 1), 2);
           }}};
}

Tensor draw(at::IntArrayRef sizes, std::uint64_t seed) {
  return torch::randn(sizes, make_generator(seed), torch::kFloat64);
}

// Sums of a few hundred products of numbers near 1: rounding stays far below this.
bool same(const Tensor& a, const Tensor& b) { return torch::allclose(a, b, 1e-12, 1e-11); }

// Not square and of odd channel counts, so that swapped axes cannot pass.
struct FoldInputs {
  Tensor x = draw({2, 3, 6, 4}, 1).requires_grad_(true);
  Tensor weight = draw({5, 3, 3, 3}, 2).requires_grad_(true);
  Tensor bias = draw({5}, 3).requires_grad_(true);
};

TEST_CASE("a folded convolution has the plain one's values and gradients", "[fast]") {
  for (const auto& fold : fold_cases()) {
    INFO(fold.name);
    const FoldInputs in;
    const auto expected = fold.plain(in.x, in.weight, in.bias);
    const auto got = fold.folded(in.x, in.weight, in.bias);
    REQUIRE(got.sizes() == expected.sizes());
    CHECK(same(got, expected));
    CHECK(same(fold.folded(in.x, in.weight, {}), fold.plain(in.x, in.weight, {})));
    const auto seed = draw(expected.sizes(), 4);
    const auto a = torch::autograd::grad({expected}, {in.x, in.weight, in.bias}, {seed});
    const auto b = torch::autograd::grad({got}, {in.x, in.weight, in.bias}, {seed});
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(same(a[i], b[i]));
  }
}

TEST_CASE("a folded convolution has the plain one's second derivatives", "[fast]") {
  for (const auto& fold : fold_cases()) {
    INFO(fold.name);
    const FoldInputs in;
    const auto second = [&](const ResizedConv& conv) {
      // As a gradient penalty takes them, through a factor that depends on the output.
      const auto y = conv(in.x, in.weight, in.bias);
      const auto gradient = torch::autograd::grad({y.pow(3).sum()}, {in.x}, {}, true, true)[0];
      return torch::autograd::grad({gradient.square().sum()}, {in.x, in.weight, in.bias});
    };
    const auto expected = second(fold.plain), got = second(fold.folded);
    for (std::size_t i = 0; i < got.size(); ++i) {
      CHECK(torch::allclose(got[i], expected[i], 1e-10, 1e-8));
    }
  }
}

TEST_CASE("a folded layer normalizes its 3x3 weight", "[fast]") {
  const ConvShape shape{.in = 3, .out = 5, .kernel = 3, .stride = 1};
  const auto x = draw({2, 3, 6, 4}, 5);
  const auto layer = [&] {
    ConvLayer made(shape, {InitLaw::kNormal, 1.0}, make_generator(6), /*spectral_norm=*/true);
    made.to(torch::kFloat64);
    return made;
  };
  auto plain = layer(), folded = layer();
  CHECK(same(folded.forward_pooled(x), torch::avg_pool2d(plain.forward(x), 2)));
  CHECK(folded.named_buffers()["u"].equal(plain.named_buffers()["u"]));
  CHECK(same(folded.forward_upsampled(x),
             plain.forward(torch::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2}))));
  CHECK(folded.named_buffers()["u"].equal(plain.named_buffers()["u"]));
}

}  // namespace
}  // namespace ganselect
