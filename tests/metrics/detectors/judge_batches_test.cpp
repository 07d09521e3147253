#include "metrics/detectors/judge_batches.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include "base/error.h"
#include "base/torch/generators.h"
#include "tests/metrics/detectors/judge_samples.h"

namespace ganselect {
namespace {

using Catch::Matchers::Message;

constexpr JudgeAugmentation kPlain{.shift = 0, .mirror = false, .cutout = 0};

TEST_CASE("an epoch shows every image once, in a new order each time", "[fast][judge]") {
  const auto data = striped_images(10, 1);
  JudgeBatches batches(data, kPlain, make_generator(2));
  std::vector<torch::Tensor> epochs;
  for (int epoch = 0; epoch < 2; ++epoch) {
    batches.start_epoch();
    std::vector<torch::Tensor> seen;
    while (const auto batch = batches.next(5)) seen.push_back(batch->pixels);
    REQUIRE(seen.size() == 2);
    epochs.push_back(torch::cat(seen));
    for (int64_t i = 0; i < 10; ++i) {
      int64_t copies = 0;
      for (int64_t j = 0; j < 10; ++j)
        copies += torch::equal(epochs.back()[j], data.samples[i]) ? 1 : 0;
      CHECK(copies == 1);
    }
  }
  CHECK_FALSE(torch::equal(epochs[0], epochs[1]));
}

TEST_CASE("of two epochs in turn each image is mirrored in one", "[fast][judge]") {
  auto data = striped_images(30, 1);
  // Each image differs from its own mirror image and from all others.
  data.samples = torch::arange(30 * 2 * 16 * 16, torch::kInt64)
                     .remainder(251)
                     .view({30, 2, 16, 16})
                     .to(torch::kUInt8);
  JudgeBatches batches(data, {.shift = 0, .mirror = true, .cutout = 0}, make_generator(2));
  const auto times_mirrored = [&](const torch::Tensor& pixels) {
    auto counts = torch::zeros({30}, torch::kInt64);
    for (int64_t i = 0; i < 30; ++i) {
      for (int64_t j = 0; j < 30; ++j)
        counts[i] += torch::equal(pixels[j], data.samples[i].flip(2)) ? 1 : 0;
    }
    return counts;
  };
  const auto first = times_mirrored(batches.next(30)->pixels);
  batches.start_epoch();
  const auto second = times_mirrored(batches.next(30)->pixels);
  CHECK(torch::equal(first + second, torch::ones({30}, torch::kInt64)));
  CHECK(first.sum().item<int64_t>() > 4);
  CHECK(first.sum().item<int64_t>() < 26);  // 15 expected, sd 2.7
}

TEST_CASE("labels stay with their images", "[fast][judge]") {
  auto data = striped_images(40, 1);
  data.samples.copy_(data.labels.view({-1, 1, 1, 1}).expand_as(data.samples));
  JudgeBatches batches(data, {.shift = 2, .mirror = true, .cutout = 0}, make_generator(2));
  const auto batch = batches.next(40);
  REQUIRE(batch.has_value());
  CHECK(torch::equal(batch->pixels.select(1, 1).select(1, 3).select(1, 5).to(torch::kInt64),
                     batch->labels));
}

TEST_CASE("blur takes a chequerboard, the finest texture there is, to its mean", "[fast][judge]") {
  auto data = striped_images(6, 1);
  const auto at = torch::arange(16);
  const auto chequered = (at.view({16, 1}) + at.view({1, 16})).remainder(2) * 200;
  data.samples = chequered.expand({6, 2, 16, 16}).contiguous().to(torch::kUInt8);
  JudgeAugmentation blurred = kPlain;
  blurred.blur = 1;
  JudgeBatches batches(data, blurred, make_generator(2));
  CHECK(torch::equal(batches.next(6)->pixels, torch::full({6, 2, 16, 16}, 100, torch::kUInt8)));
}

TEST_CASE("noise reaches half of the images and no more than its largest deviation",
          "[fast][judge]") {
  auto data = striped_images(1000, 1);
  data.samples = torch::full({1000, 2, 16, 16}, 128, torch::kUInt8);
  JudgeAugmentation noisy = kPlain;
  noisy.noise = 30;
  JudgeBatches batches(data, noisy, make_generator(2));
  const auto pixels = batches.next(1000)->pixels.to(torch::kFloat64).flatten(1);
  const auto deviation = pixels.std(1);
  // A deviation below 0.3 rounds away, so slightly more than half stay as they were: 505 of 1,000,
  // sd 16.
  const auto untouched = (deviation == 0).sum().item<int64_t>();
  CHECK(untouched > 440);
  CHECK(untouched < 570);
  // 512 pixels give the deviation to 3 percent.
  CHECK(deviation.max().item<double>() < 30 * 1.12);
  CHECK(deviation.max().item<double>() > 25);
  CHECK(std::abs(pixels.mean().item<double>() - 128) < 0.2);
}

TEST_CASE("a shifted image is a crop of the one padded by reflection, mirrored or not",
          "[fast][judge]") {
  auto data = striped_images(1, 1);
  data.samples = torch::arange(2 * 16 * 16, torch::kInt64)
                     .remainder(251)
                     .view({1, 2, 16, 16})
                     .to(torch::kUInt8);
  const auto padded =
      at::reflection_pad2d(data.samples.to(torch::kFloat32), {2, 2, 2, 2}).to(torch::kUInt8);
  std::vector<torch::Tensor> allowed;
  for (int64_t row = 0; row < 5; ++row) {
    for (int64_t column = 0; column < 5; ++column) {
      const auto crop = padded.slice(2, row, row + 16).slice(3, column, column + 16);
      allowed.push_back(crop);
      allowed.push_back(crop.flip(3));
    }
  }
  JudgeBatches batches(data, {.shift = 2, .mirror = true, .cutout = 0}, make_generator(4));
  std::vector<int> hits(allowed.size(), 0);
  for (int draw = 0; draw < 400; ++draw) {
    batches.start_epoch();
    const auto pixels = batches.next(1)->pixels;
    int found = 0;
    for (std::size_t i = 0; i < allowed.size(); ++i) {
      if (torch::equal(pixels, allowed[i])) {
        ++hits[i];
        ++found;
      }
    }
    REQUIRE(found == 1);
  }
  // 400 draws over 50 equally likely outcomes: none is left out (chance of that: 50 * 0.98^400 =
  // 0.015).
  for (const int hit : hits) CHECK(hit > 0);
}

TEST_CASE("cutout covers one square with the mean colour", "[fast][judge]") {
  auto data = striped_images(30, 1);
  data.samples.fill_(10);
  data.samples.select(1, 1).slice(0, 0, 15).fill_(200);  // channel 1: mean (200 + 10) / 2 = 105
  JudgeBatches batches(data, {.shift = 0, .mirror = false, .cutout = 3}, make_generator(2));
  const auto pixels = batches.next(30)->pixels;
  const auto covered = pixels.select(1, 1) == 105;
  CHECK((covered.sum({1, 2}) == 9).all().item<bool>());
  CHECK((covered.any(1).sum(1) == 3).all().item<bool>());
  CHECK((covered.any(2).sum(1) == 3).all().item<bool>());
  CHECK(covered.any(0).sum().item<int64_t>() > 9);  // not always the same place
}

TEST_CASE("what cannot be augmented is refused", "[fast][judge]") {
  auto data = striped_images(4, 1);
  CHECK_THROWS_MATCHES(
      JudgeBatches(data, {.shift = 16, .mirror = true, .cutout = 0}, make_generator(1)), Error,
      Message("[judge augmentation] expected square images, and a shift and cutout smaller than "
              "they are, got shift 16, "
              "cutout 0, images 2x16x16"));
  data.labels = torch::Tensor();
  CHECK_THROWS_MATCHES(JudgeBatches(data, kPlain, make_generator(1)), Error,
                       Message("[judge training] expected labelled images, got data set stripes"));
}

}  // namespace
}  // namespace ganselect
