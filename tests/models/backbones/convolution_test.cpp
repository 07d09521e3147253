// First and second derivatives of the convolution against finite differences in float64, and
// against LibTorch's own, for every kind of geometry.
#include "models/backbones/convolution.h"

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/torch/generators.h"

namespace ganselect {
namespace {

using torch::Tensor;
using Tensors = std::vector<Tensor>;
using Convolve =
    std::function<Tensor(const Tensor&, const Tensor&, const Tensor&, const ConvolutionGeometry&)>;

struct Case {
  std::string name;
  ConvolutionGeometry geometry;
  std::vector<std::int64_t> x, weight;
  std::int64_t out;  // channels
  bool bias = true;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"plain", {}, {2, 2, 5, 4}, {3, 2, 2, 2}, 3},
      {"one by one", {}, {2, 3, 3, 2}, {2, 3, 1, 1}, 2},
      {"stride", {.stride = 2, .padding = 1}, {2, 2, 6, 4}, {3, 2, 4, 4}, 3},
      {"stride that leaves a row over", {.stride = 2}, {1, 2, 6, 5}, {2, 2, 3, 3}, 2},
      {"padding without bias", {.padding = 2}, {1, 2, 4, 3}, {2, 2, 3, 3}, 2, false},
      {"dilation", {.padding = 1, .dilation = 2}, {1, 2, 5, 6}, {2, 2, 2, 2}, 2},
      {"groups", {.padding = 1, .groups = 2}, {2, 4, 3, 4}, {6, 2, 3, 3}, 6},
      {"transposed", {.transposed = true}, {2, 2, 3, 4}, {2, 3, 2, 2}, 3},
      {"transposed, stride",
       {.stride = 2, .padding = 1, .transposed = true},
       {2, 2, 3, 2},
       {2, 3, 4, 4},
       3},
      {"transposed, stride, output padding and groups",
       {.stride = 2, .padding = 1, .groups = 2, .transposed = true, .output_padding = 1},
       {1, 4, 3, 2},
       {4, 1, 3, 3},
       2}};
  return all;
}

Tensor random(const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
  return torch::randn(sizes, make_generator(seed), torch::kFloat64);
}

Tensors inputs_of(const Case& c) {
  Tensors all = {random(c.x, 1), random(c.weight, 2)};
  if (c.bias) all.push_back(random({c.out}, 3));
  for (auto& t : all) t.requires_grad_(true);
  return all;
}

Tensor apply(const Convolve& convolve, const Case& c, const Tensors& in) {
  return convolve(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), c.geometry);
}

// A number that every input's gradient is part of: the gradients of y's product with `out`, each
// times a fixed random tensor.
Tensor of_gradients(const Convolve& convolve, const Case& c, const Tensors& in, const Tensor& out) {
  const auto first = torch::autograd::grad({(apply(convolve, c, in) * out).sum()}, in, {},
                                           /*retain_graph=*/true, /*create_graph=*/true);
  Tensor sum = torch::zeros({}, torch::kFloat64);
  for (std::size_t i = 0; i < first.size(); ++i)
    sum = sum + (first[i] * random(first[i].sizes().vec(), 10 + i)).sum();
  return sum;
}

// Largest difference between f's gradient for each of `in` and central differences.
double worst(const std::function<Tensor()>& f, const Tensors& in) {
  constexpr double kStep = 1e-5;
  const auto gradients = torch::autograd::grad({f()}, in, {}, false, false, /*allow_unused=*/true);
  double largest = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    auto values = in[i].detach().view({-1});
    for (std::int64_t k = 0; k < values.numel(); ++k) {
      const double kept = values[k].item<double>();
      values[k] = kept + kStep;
      const double above = f().item<double>();
      values[k] = kept - kStep;
      const double below = f().item<double>();
      values[k] = kept;
      const double exact = gradients[i].defined() ? gradients[i].view({-1})[k].item<double>() : 0;
      largest = std::max(largest, std::abs((above - below) / (2 * kStep) - exact));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("the convolution's gradients are those of finite differences", "[fast]") {
  for (const auto& c : cases()) {
    INFO(c.name);
    const auto in = inputs_of(c);
    const auto out = random(apply(convolution_of_gradients, c, in).sizes().vec(), 4);
    CHECK(worst([&] { return (apply(convolution_of_gradients, c, in) * out).sum(); }, in) < 1e-7);
  }
}

TEST_CASE("the gradients' own gradients are those of finite differences", "[fast]") {
  for (const auto& c : cases()) {
    INFO(c.name);
    auto in = inputs_of(c);
    const auto out = random(apply(convolution_of_gradients, c, in).sizes().vec(), 4);
    const auto seed = out.clone().requires_grad_(true);
    auto all = in;
    all.push_back(seed);
    CHECK(worst([&] { return of_gradients(convolution_of_gradients, c, in, seed); }, all) < 1e-6);
  }
}

TEST_CASE("values, gradients and third derivatives are those of LibTorch", "[fast]") {
  const auto everything = [](const Convolve& convolve, const Case& c) {
    const auto in = inputs_of(c);
    const auto y = apply(convolve, c, in);
    // Squared, so that the first gradients depend on all inputs, and further ones do not vanish.
    const auto first = torch::autograd::grad({y.square().sum()}, in, {}, true, true);
    Tensor sum = torch::zeros({}, torch::kFloat64);
    for (const auto& g : first) sum = sum + g.square().sum();
    const auto second = torch::autograd::grad({sum}, in, {}, true, true);
    Tensor sums = torch::zeros({}, torch::kFloat64);
    for (const auto& g : second) sums = sums + g.square().sum();
    // LibTorch's own refuses output padding here.
    const auto third =
        c.geometry.output_padding == 0 ? torch::autograd::grad({sums}, in) : Tensors();
    Tensors all = {y};
    for (const auto* part : {&first, &second, &third})
      all.insert(all.end(), part->begin(), part->end());
    return all;
  };
  const Convolve libtorch = [](const Tensor& x, const Tensor& w, const Tensor& b,
                               const ConvolutionGeometry& g) {
    return g.transposed ? torch::conv_transpose2d(x, w, b, g.stride, g.padding, g.output_padding,
                                                  g.groups, g.dilation)
                        : torch::conv2d(x, w, b, g.stride, g.padding, g.dilation, g.groups);
  };
  for (const auto& c : cases()) {
    INFO(c.name);
    const auto ours = everything(convolution_of_gradients, c), theirs = everything(libtorch, c);
    REQUIRE(ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      INFO(i);
      CHECK(torch::allclose(ours[i], theirs[i], 1e-10, 1e-10));
      CHECK(theirs[i].abs().max().item<double>() > 0);
    }
    CHECK(apply(convolution, c, inputs_of(c)).equal(theirs[0]));
  }
}

TEST_CASE("under autocast the convolution and its gradients are LibTorch's", "[fast]") {
  const auto run = [](bool ours) {
    const auto x = random({2, 4, 8, 8}, 1).to(torch::kFloat32).requires_grad_(true);
    const auto w = random({8, 4, 3, 3}, 2).to(torch::kFloat32).requires_grad_(true);
    const auto b = random({8}, 3).to(torch::kFloat32).requires_grad_(true);
    at::autocast::set_autocast_enabled(at::kCPU, true);
    const auto y =
        ours ? convolution_of_gradients(x, w, b, {.padding = 1}) : torch::conv2d(x, w, b, 1, 1);
    const auto slope =
        torch::autograd::grad({y.to(torch::kFloat32).square().sum()}, {x}, {}, true, true)[0];
    at::autocast::set_autocast_enabled(at::kCPU, false);
    const auto all = torch::autograd::grad({slope.square().sum()}, {w, b});
    CHECK(y.scalar_type() == torch::kBFloat16);
    return Tensors{y, slope, all[0], all[1]};
  };
  const auto ours = run(true), theirs = run(false);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    INFO(i);
    CHECK(ours[i].scalar_type() == theirs[i].scalar_type());
    const auto size = theirs[i].to(torch::kFloat64).abs().max().item<double>();
    CHECK((ours[i].to(torch::kFloat64) - theirs[i].to(torch::kFloat64)).abs().max().item<double>() <
          0.03 * size);
  }
}

}  // namespace ganselect
