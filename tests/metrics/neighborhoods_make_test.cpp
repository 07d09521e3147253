#include "metrics/neighborhoods_make.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "metrics/numerics/cosine_neighbors.h"
#include "tests/metrics/detectors/judge_samples.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

TEST_CASE("neighbourhoods name their detector and data, and hold each image first where asked to",
          "[fast][neighbors]") {
  const auto data = striped_images(90, 1, 3);
  const auto detector = load_detector("pixels");
  const auto made =
      make_neighborhoods(data, *detector, {.k = 6, .include_self = true, .stored = 12, .seed = 4});
  CHECK(made.k() == 6);
  CHECK(torch::equal(made.neighbors.select(1, 0), torch::arange(90, torch::kInt32)));
  CHECK(torch::equal(made.features, unit_rows(detect_all(*detector, data.samples).features)));
  CHECK(made.detector == "pixels");
  CHECK(made.detector_digest == detector->digest());
  CHECK(made.data_digest == data.digest);
  // Classes differ in the pixels themselves: neighbours are of the same class.
  const auto near = data.labels.index_select(0, made.neighbors.flatten().to(torch::kInt64));
  CHECK(near.view({90, 6}).eq(data.labels.unsqueeze(1)).to(torch::kFloat32).mean().item<float>() >
        0.95F);
  CHECK(
      torch::equal(made.mirrored, unit_rows(detect_all(*detector, data.samples.flip(3)).features)));
  CHECK_FALSE(torch::equal(made.mirrored, made.features));
  // As the authors' code has it: one more is found, and the image itself is dropped.
  const auto without = make_neighborhoods(data, *detector, {.k = 5, .stored = 12});
  CHECK(torch::equal(without.neighbors, made.neighbors.slice(1, 1)));
  CHECK_FALSE(without.include_self);
}

TEST_CASE("representatives are distinct rows that together stand for every row",
          "[fast][neighbors]") {
  // Three bundles of 70, 20 and 10 rows.
  auto random = make_generator(8);
  const auto centres = torch::eye(3).repeat_interleave(torch::tensor({70, 20, 10}), 0);
  const auto rows = unit_rows(centres + 0.01 * torch::randn({100, 3}, random));
  const auto three = choose_representatives(rows, 3, 5);
  REQUIRE(three.rows.size(0) == 3);
  CHECK(torch::equal(three.counts, torch::tensor({70, 20, 10}, torch::kInt32)));
  CHECK(three.rows[0].item<int32_t>() < 70);
  CHECK(three.rows[2].item<int32_t>() >= 90);
  const auto many = choose_representatives(rows, 40, 5);
  CHECK(many.counts.sum().item<int64_t>() == 100);
  CHECK(std::get<0>(at::_unique(many.rows)).size(0) == many.rows.size(0));
  CHECK(many.rows.diff().min().item<int32_t>() > 0);
  const auto all = choose_representatives(rows, 100, 5);
  CHECK(torch::equal(all.rows, torch::arange(100, torch::kInt32)));
  CHECK(torch::equal(choose_representatives(rows, 40, 5).rows, many.rows));
}

TEST_CASE("features are looked up by kind, by detector and by file", "[fast][neighbors]") {
  CHECK(load_feature_detector("judge", "embedded", torch::kCPU)->name() == "judge-embedded");
  CHECK(load_feature_detector("judge", "folder:photos", torch::kCPU)->name() == "judge-cifar10");
  CHECK(load_feature_detector("pixels", "cifar10", torch::kCPU)->name() == "pixels");
  CHECK(test::thrown_by([] {
          load_feature_detector("nothing.safetensors", "cifar10", torch::kCPU);
        }).kind == ErrorKind::kData);
  CHECK(test::thrown_by([] { load_feature_detector("simclr2", "cifar10", torch::kCPU); }).kind ==
        ErrorKind::kUsage);
}

}  // namespace
}  // namespace ganselect
