#include "metrics/detectors/judge.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "base/torch/generators.h"
#include "tests/metrics/detectors/judge_samples.h"

namespace ganselect {
namespace {

using Catch::Matchers::Message;
using Catch::Matchers::WithinAbs;

// Sizes that all differ, so that a swapped one fails.
const JudgeArchitecture kUneven{
    .channels = 2, .classes = 7, .image_size = 16, .patch = 2, .widths = {5, 9, 11}};

torch::Tensor random_pixels(int64_t n, const JudgeArchitecture& a) {
  auto generator = make_generator(3);
  return torch::randint(256, {n, a.channels, a.image_size, a.image_size}, generator, torch::kUInt8);
}

TEST_CASE("a judge gives pooled features and one score a class", "[fast][judge]") {
  JudgeNetwork network(kUneven, make_generator(1));
  network.eval();
  torch::NoGradGuard no_grad;
  const auto output = network.forward(random_pixels(4, kUneven));
  CHECK(output.features.sizes() == at::IntArrayRef({4, 11}));
  CHECK(output.logits.sizes() == at::IntArrayRef({4, 7}));
  CHECK(output.features.dtype() == torch::kFloat32);
  CHECK(output.logits.dtype() == torch::kFloat32);
  CHECK(output.features.std().item<double>() > 0);
}

TEST_CASE("floating pixels give what 8-bit ones give", "[fast][judge]") {
  JudgeNetwork network(kUneven, make_generator(1));
  network.eval();
  torch::NoGradGuard no_grad;
  const auto pixels = random_pixels(4, kUneven);
  CHECK(torch::equal(network.forward(pixels).logits,
                     network.forward(pixels.to(torch::kFloat32)).logits));
}

TEST_CASE("a judge refuses images of another shape", "[fast][judge]") {
  JudgeNetwork network(kUneven, make_generator(1));
  CHECK_THROWS_MATCHES(network.forward(torch::zeros({4, 3, 16, 16}, torch::kUInt8)), Error,
                       Message("[judge] expected images (N,2,16,16), got [4, 3, 16, 16]"));
  CHECK_THROWS_AS(network.forward(torch::zeros({2, 16, 16}, torch::kUInt8)), Error);
}

TEST_CASE("an image that the blocks cannot halve is refused", "[fast][judge]") {
  JudgeArchitecture small = kUneven;
  small.image_size = 8;  // 7 after whitening, then 3, 1, 0
  CHECK_THROWS_MATCHES(JudgeNetwork(small, make_generator(1)), Error,
                       Message("[judge architecture] expected positive sizes and an image that "
                               "every block can halve, got 8 pixels, 3 "
                               "blocks, 7 classes"));
}

TEST_CASE("a judge's weights depend on its generator alone", "[fast][judge]") {
  const auto pixels = random_pixels(3, kUneven);
  torch::NoGradGuard no_grad;
  const auto features = [&](std::uint64_t seed) {
    torch::rand({5});  // moves the global generator
    JudgeNetwork network(kUneven, make_generator(seed));
    network.eval();
    return network.forward(pixels).features;
  };
  const auto first = features(1);
  CHECK(torch::equal(first, features(1)));
  CHECK_FALSE(torch::equal(first, features(2)));
}

TEST_CASE("features do not depend on the batch that an image comes in", "[fast][judge]") {
  JudgeNetwork network(kUneven, make_generator(1));
  const auto data = striped_images(256, 5);
  network.fit_input(data.samples);
  network.eval();
  torch::NoGradGuard no_grad;
  const auto whole = network.forward(data.samples);
  const double scale = whole.features.abs().max().item<double>();
  for (const int64_t size : {1, 17, 100}) {
    for (int64_t at = 0; at < 256; at += size) {
      const auto part = network.forward(data.samples.slice(0, at, at + size));
      const auto gap =
          (part.features - whole.features.slice(0, at, at + size)).abs().max().item<double>();
      REQUIRE_THAT(gap / scale, WithinAbs(0.0, 1e-5));  // float32 sums in another order
    }
  }
}

TEST_CASE("whitening filters make patches uncorrelated", "[fast][judge]") {
  JudgeNetwork network(kUneven, make_generator(1));
  const auto images = striped_images(400, 7).samples;
  network.fit_input(images);
  const auto buffers = network.named_buffers();
  const auto filters = buffers["whitening"].to(torch::kFloat64);
  const int64_t half = kUneven.whitening_filters() / 2;
  CHECK(torch::equal(filters.slice(0, 0, half), -filters.slice(0, half)));

  const auto pixels = images.to(torch::kFloat64);
  const auto normal =
      (pixels - buffers["mean"].view({1, -1, 1, 1})) / buffers["deviation"].view({1, -1, 1, 1});
  CHECK_THAT(normal.mean().item<double>(), WithinAbs(0.0, 1e-6));
  const auto answers =
      at::conv2d(normal, filters.slice(0, 0, half)).permute({1, 0, 2, 3}).reshape({half, -1});
  const auto covariance = at::cov(answers);
  // Each variance is e/(e + 5e-4) for an eigenvalue e: just below 1.
  CHECK_THAT((covariance - torch::eye(half, torch::kFloat64)).abs().max().item<double>(),
             WithinAbs(0.0, 0.01));
}

TEST_CASE("parameters and FLOPs of a small judge are those counted by hand", "[fast][judge]") {
  const JudgeArchitecture a{
      .channels = 1, .classes = 2, .image_size = 8, .patch = 2, .widths = {3}};
  // 8 filters of 1x2x2 on 7x7: 1568. 8 -> 3, 3x3 on 7x7: 10584. 3 -> 3, 3x3 on 3x3: 729. 3 -> 2: 6.
  CHECK(judge_flops(a) == 2 * (1568 + 10584 + 729 + 6));
  // 32 whitening, 216 and 81 convolutions, 12 batch norm, 6 linear.
  CHECK(judge_parameters(JudgeNetwork(a, make_generator(1))) == 32 + 216 + 81 + 12 + 6);
}

TEST_CASE("the default judge has at most three million parameters", "[fast][judge]") {
  CHECK(judge_parameters(JudgeNetwork({}, make_generator(1))) <= 3'000'000);
}

TEST_CASE("a gradient reaches every parameter of a judge", "[fast][judge]") {
  JudgeNetwork network(kUneven, make_generator(1));
  network.train();
  const auto output = network.forward(random_pixels(6, kUneven));
  at::cross_entropy_loss(output.logits, torch::arange(6)).backward();
  for (const auto& item : network.named_parameters()) {
    INFO(item.key());
    REQUIRE(item.value().grad().defined());
    CHECK(item.value().grad().abs().sum().item<double>() > 0);
  }
}

TEST_CASE("rounding to storage leaves what float16 can hold", "[fast][judge]") {
  JudgeNetwork network(kUneven, make_generator(1));
  const auto before = network.parameters().front().detach().clone();
  network.round_to_storage();
  const auto after = network.parameters().front().detach();
  CHECK_FALSE(torch::equal(before, after));
  CHECK(torch::equal(after, after.to(torch::kFloat16).to(torch::kFloat32)));
  CHECK_THAT((before - after).abs().max().item<double>(), WithinAbs(0.0, 1e-3));
}

}  // namespace
}  // namespace ganselect
