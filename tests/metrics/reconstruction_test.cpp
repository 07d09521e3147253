#include "metrics/reconstruction.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using test::contains;
using test::thrown_by;

// A generator whose range is a plane of images: z (N,2) -> (N,1,2,3).
struct PlaneGenerator {
  torch::Tensor weights =
      torch::tensor({{0.5f, 0.0f, -0.5f, 0.2f, 0.1f, 0.0f}, {0.0f, 0.4f, 0.1f, -0.2f, 0.3f, 0.5f}});
  torch::Tensor operator()(const torch::Tensor& z) const {
    return z.mm(weights).reshape({-1, 1, 2, 3});
  }
};

}  // namespace

TEST_CASE("images in a generator's range are reconstructed, others to their distance from it",
          "[fast]") {
  const PlaneGenerator generator;
  const auto inside = generator(torch::tensor({{0.6f, -0.8f}, {1.0f, 0.3f}}));
  const ReconstructionSettings settings{.steps = 400, .learning_rate = 0.05, .restarts = 2};
  const auto errors = reconstruction_errors(inside, generator, 2, settings, 1);
  REQUIRE(errors.size(0) == 2);
  CHECK(errors.max().item<double>() < 1e-6);
  // Orthogonal to both rows of the weights, so the least squared distance is its own square.
  const auto basis = std::get<2>(torch::linalg_svd(generator.weights, /*full_matrices=*/true));
  const auto aside = basis[5].reshape({1, 1, 2, 3});
  const auto far = reconstruction_errors(inside.slice(0, 0, 1) + aside, generator, 2, settings, 1);
  CHECK_THAT(far[0].item<double>(),
             WithinAbs(1.0 / 6 / 4, 1e-5));  // unit length over six pixels, halved before squaring
}

TEST_CASE("a generator of one image is off by the difference to it", "[fast]") {
  const auto constant = [](const torch::Tensor& z) {
    return torch::full({z.size(0), 1, 2, 2}, 1.0f) + 0 * z.sum();
  };
  const auto errors =
      reconstruction_errors(torch::full({3, 1, 2, 2}, -1.0f), constant, 4, {.steps = 3}, 1);
  CHECK_THAT(errors.mean().item<double>(), WithinAbs(1, 1e-7));  // black for white: the whole range
}

TEST_CASE(
    "reconstruction does not depend on the batch size and leaves the generator's gradients alone",
    "[fast]") {
  PlaneGenerator generator;
  generator.weights.requires_grad_(true);
  const auto images = test::gaussian(5, 6, 2).to(torch::kFloat32).reshape({5, 1, 2, 3});
  const auto whole = reconstruction_errors(images, generator, 2, {.steps = 20, .batch_size = 5}, 3);
  const auto single =
      reconstruction_errors(images, generator, 2, {.steps = 20, .batch_size = 1}, 3);
  CHECK(torch::allclose(whole, single, 1e-5, 1e-8));
  CHECK_FALSE(generator.weights.grad().defined());
  CHECK(reconstruction_errors(images, generator, 2, {.steps = 20, .max_images = 2}, 3).size(0) ==
        2);
}

TEST_CASE("more steps and more starts never make reconstruction worse", "[fast]") {
  const PlaneGenerator generator;
  const auto images = test::gaussian(4, 6, 5).to(torch::kFloat32).reshape({4, 1, 2, 3});
  const auto error = [&](int64_t steps, int64_t restarts) {
    return reconstruction_errors(images, generator, 2, {.steps = steps, .restarts = restarts}, 3)
        .sum()
        .item<double>();
  };
  CHECK(error(10, 1) <= error(0, 1));
  CHECK(error(50, 1) < error(10, 1));
  CHECK(error(10, 4) <= error(10, 1));
}

TEST_CASE("a generator of another image size and settings out of range are refused", "[fast]") {
  const PlaneGenerator generator;
  const auto wrong = thrown_by([&] {
    reconstruction_errors(torch::zeros({2, 1, 3, 3}), generator, 2, {}, 1);
  });
  CHECK(wrong.kind == ErrorKind::kData);
  CHECK(
      contains(wrong.message, "expected generated images of shape [2, 1, 3, 3], got [2, 1, 2, 3]"));
  CHECK(thrown_by([&] {
          reconstruction_errors(torch::zeros({2, 1, 2, 3}), generator, 2, {.restarts = 0}, 1);
        }).kind == ErrorKind::kUsage);
}

}  // namespace ganselect
