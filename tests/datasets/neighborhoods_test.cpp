#include "datasets/neighborhoods.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"
#include "datasets/dataset.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

Dataset small_set() {
  Dataset data;
  data.name = "dots";
  data.split = "train";
  data.shape = SampleShape::image(1, 4, 4);
  data.samples = torch::arange(6 * 16).view({6, 1, 4, 4}).to(torch::kUInt8);
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

Neighborhoods small_neighborhoods(const Dataset& data) {
  Neighborhoods n;
  n.features = torch::nn::functional::normalize(torch::randn({6, 3}, make_generator(1)));
  n.scale = feature_scale(n.features);
  n.neighbors = torch::tensor({0, 3, 1, 2, 2, 1, 3, 0, 4, 5, 5, 4}, torch::kInt32).view({6, 2});
  n.stored = torch::tensor({1, 4}, torch::kInt32);
  n.stored_counts = torch::tensor({2, 4}, torch::kInt32);
  n.include_self = true;
  n.detector = "pixels";
  n.detector_digest = "abc";
  n.data_name = data.name;
  n.data_split = data.split;
  n.data_digest = data.digest;
  return n;
}

TEST_CASE("neighbourhoods come back from their file as they were", "[fast]") {
  const test::TempDir dir;
  const auto data = small_set();
  const auto n = small_neighborhoods(data);
  save_neighborhoods(dir / "n.safetensors", n);
  const auto back = load_neighborhoods(dir / "n.safetensors", data);
  CHECK(torch::equal(back.features, n.features));
  CHECK(torch::equal(back.neighbors, n.neighbors));
  CHECK(torch::equal(back.stored, n.stored));
  CHECK(torch::equal(back.stored_counts, n.stored_counts));
  CHECK(torch::equal(back.scaled_features(), n.scaled_features()));
  CHECK(back.include_self);
  CHECK_FALSE(back.mirrored.defined());
  CHECK(back.identity() == n.identity());
  CHECK(back.identity().at("k") == 2);
  CHECK(load_safetensors(dir / "n.safetensors").metadata.at("detector_digest") == "abc");
  auto both = n;
  both.mirrored = n.features.flip(1).contiguous();
  save_neighborhoods(dir / "n.safetensors", both);
  const auto again = load_neighborhoods(dir / "n.safetensors", data);
  CHECK(torch::equal(again.mirrored, both.mirrored));
  CHECK(torch::equal(again.scaled_mirrored(), n.scale.apply(both.mirrored)));
  both.mirrored = n.features.slice(0, 0, 3);
  save_neighborhoods(dir / "n.safetensors", both);
  CHECK(test::thrown_by([&] { load_neighborhoods(dir / "n.safetensors", data); }).kind ==
        ErrorKind::kData);
}

TEST_CASE("neighbourhoods of other data are refused by their digest", "[fast]") {
  const test::TempDir dir;
  auto data = small_set();
  save_neighborhoods(dir / "n.safetensors", small_neighborhoods(data));
  data.samples[3][0][1][1] = 7;
  const auto before = data.digest;
  data.digest = content_digest(data.samples, data.labels);
  const auto thrown = test::thrown_by([&] { load_neighborhoods(dir / "n.safetensors", data); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(test::contains(thrown.message, "expected neighbourhoods of dots with digest " +
                                           data.digest + ", got dots with digest " + before));
}

TEST_CASE("a file whose neighbours lie outside the set is refused", "[fast]") {
  const test::TempDir dir;
  const auto data = small_set();
  auto n = small_neighborhoods(data);
  n.neighbors[2][1] = 6;
  save_neighborhoods(dir / "n.safetensors", n);
  CHECK(test::thrown_by([&] { load_neighborhoods(dir / "n.safetensors", data); }).kind ==
        ErrorKind::kData);
  write_file_atomically(dir / "other.safetensors", to_safetensors({}));
  CHECK(test::contains(
      test::thrown_by([&] { load_neighborhoods(dir / "other.safetensors", data); }).message,
      "expected metadata 'format', got none"));
}

TEST_CASE("scaled features have mean 0 and deviation 1, and a constant one stays finite",
          "[fast]") {
  auto rows = torch::randn({50, 4}, make_generator(3)) * torch::tensor({1.0, 5.0, 0.1, 1.0}) + 2;
  rows.select(1, 3).fill_(0.25);
  const auto scaled = feature_scale(rows).apply(rows);
  CHECK(torch::allclose(scaled.mean(0), torch::zeros({4}), 0, 1e-5));
  CHECK(torch::allclose(scaled.std(0, false), torch::tensor({1.0, 1.0, 1.0, 0.0}), 0, 1e-4));
}

}  // namespace
}  // namespace ganselect
