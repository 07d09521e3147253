#include "metrics/detectors/embedding_views.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "base/torch/generators.h"
#include "tests/metrics/detectors/judge_samples.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

constexpr ViewSettings kUnchanged{.least_area = 1, .mirror = false, .jitter = 0, .grey = 0};

torch::Tensor noise_images(int64_t n, int64_t channels) {
  return torch::randint(256, {n, channels, 16, 16}, make_generator(4), torch::kInt64)
      .to(torch::kUInt8);
}

TEST_CASE("views with every change switched off are the images", "[fast][embedding]") {
  const auto images = noise_images(9, 3);
  CHECK(
      torch::equal(random_view(images, kUnchanged, make_generator(1)), images.to(torch::kFloat32)));
}

TEST_CASE("a mirror exchanges left and right of about half of the images and nothing else",
          "[fast][embedding]") {
  const auto images = noise_images(200, 3);
  auto settings = kUnchanged;
  settings.mirror = true;
  const auto views = random_view(images, settings, make_generator(1));
  const auto plain = images.to(torch::kFloat32);
  int64_t mirrored = 0;
  for (int64_t i = 0; i < 200; ++i) {
    // The resampling lands on pixel centres up to float32 rounding of their places.
    const bool same = torch::allclose(views[i], plain[i], 0, 0.05);
    const bool flipped = torch::allclose(views[i], plain[i].flip(2), 0, 0.05);
    CHECK(same != flipped);
    mirrored += flipped ? 1 : 0;
  }
  CHECK(mirrored > 70);
  CHECK(mirrored < 130);
}

TEST_CASE("a crop shows a part of the image, upright and in order", "[fast][embedding]") {
  // Channel 0 tells the column, channel 1 the row.
  const auto at = torch::arange(16, torch::kFloat32) * 10;
  const auto columns = at.view({1, 16}).expand({16, 16});
  const auto images = torch::stack({columns, columns.t()}).unsqueeze(0).repeat({50, 1, 1, 1});
  auto settings = kUnchanged;
  settings.least_area = 0.2;
  const auto views = random_view(images, settings, make_generator(1));
  CHECK(views.select(1, 0).diff(1, 2).min().item<float>() >= -1e-3F);
  CHECK(views.select(1, 1).diff(1, 1).min().item<float>() >= -1e-3F);
  const auto width = views.select(1, 0).amax({1, 2}) - views.select(1, 0).amin({1, 2});
  const auto height = views.select(1, 1).amax({1, 2}) - views.select(1, 1).amin({1, 2});
  // The smallest crop is sqrt(0.2 * 3/4) = 0.39 of a side wide; 15 steps of 10 across the whole.
  CHECK(width.min().item<float>() < 90);
  CHECK(width.min().item<float>() > 45);
  CHECK(width.max().item<float>() > 140);
  CHECK_FALSE(torch::allclose(width, height, 0, 1));
}

TEST_CASE("changes of hue and saturation keep the luminance", "[fast][embedding]") {
  // Muted colours, so that nothing is clamped; contrast and brightness would change luminance.
  const auto images = 110 + 30 * torch::rand({64, 3, 16, 16}, make_generator(2));
  auto settings = kUnchanged;
  settings.grey = 1;
  const auto grey = random_view(images, settings, make_generator(1));
  const auto weights = torch::tensor({0.299F, 0.587F, 0.114F}).view({1, 3, 1, 1});
  const auto luminance = (images * weights).sum(1, true);
  // Three digits of the YIQ matrix.
  CHECK(torch::allclose(grey, luminance.expand_as(grey), 0, 0.2));
}

TEST_CASE("jitter leaves about a fifth of the images alone and changes the others",
          "[fast][embedding]") {
  for (const int64_t channels : {1, 3}) {
    const auto images = noise_images(300, channels);
    auto settings = kUnchanged;
    settings.jitter = 0.5;
    const auto views = random_view(images, settings, make_generator(1));
    const auto change = (views - images.to(torch::kFloat32)).abs().amax({1, 2, 3});
    const auto untouched = change.lt(0.3).sum().item<int64_t>();
    CHECK(untouched > 35);
    CHECK(untouched < 90);
    CHECK(views.min().item<float>() >= 0);
    CHECK(views.max().item<float>() <= 255);
  }
}

TEST_CASE("an epoch shows two views of every image once", "[fast][embedding]") {
  const auto data = striped_images(12, 1, 3);
  ViewBatches batches(data, kUnchanged, make_generator(2));
  std::vector<torch::Tensor> seen;
  while (const auto views = batches.next(5)) {
    REQUIRE(views->size(0) == 10);
    CHECK(torch::equal(views->slice(0, 0, 5), views->slice(0, 5)));
    seen.push_back(views->slice(0, 0, 5));
  }
  REQUIRE(seen.size() == 2);  // the two that are left join the next order
  const auto all = torch::cat(seen);
  for (int64_t i = 0; i < 12; ++i) {
    int64_t copies = 0;
    for (int64_t j = 0; j < 10; ++j)
      copies += torch::equal(all[j], data.samples[i].to(torch::kFloat32)) ? 1 : 0;
    CHECK(copies <= 1);
  }
  auto changed = ViewSettings{};
  ViewBatches others(data, changed, make_generator(2));
  const auto views = others.next(12);
  CHECK_FALSE(torch::equal(views->slice(0, 0, 12), views->slice(0, 12)));
}

TEST_CASE("points have no views", "[fast][embedding]") {
  Dataset points;
  points.name = "ring";
  points.shape = SampleShape::point();
  points.samples = torch::zeros({5, 2});
  CHECK(test::thrown_by([&] { ViewBatches(points, {}, make_generator(1)); }).message ==
        "[embedding training] expected images, got data set ring");
}

}  // namespace
}  // namespace ganselect
