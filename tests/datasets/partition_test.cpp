#include "datasets/partition.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/torch/safetensors.h"
#include "datasets/dataset.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

Dataset six_dots() {
  Dataset data;
  data.name = "dots";
  data.split = "train";
  data.shape = SampleShape::image(1, 4, 4);
  data.samples = torch::arange(6 * 16).view({6, 1, 4, 4}).to(torch::kUInt8);
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

Partition of_dots(const Dataset& data) {
  Partition p;
  p.labels = torch::tensor({2, 0, 0, 1, 2, 2}, torch::kInt64);
  p.centres = torch::tensor({{1.0F, 0.0F}, {0.0F, 1.0F}, {0.6F, 0.8F}});
  p.seed = 4;
  p.detector = "pixels";
  p.detector_digest = "abc";
  p.data_name = data.name;
  p.data_split = data.split;
  p.data_digest = data.digest;
  return p;
}

TEST_CASE("a partition comes back from its file with its recipe", "[fast][partition]") {
  const test::TempDir dir;
  const auto data = six_dots();
  const auto made = of_dots(data);
  save_partition(dir / "p.safetensors", made);
  const auto back = load_partition(dir / "p.safetensors", data);
  CHECK(torch::equal(back.labels, made.labels));
  CHECK(torch::equal(back.centres, made.centres));
  CHECK(back.identity() == made.identity());
  CHECK(back.identity().at("clusters") == 3);
  CHECK(back.identity().at("seed") == 4);
  CHECK(load_safetensors(dir / "p.safetensors").metadata.at("method") == "k-means");
}

TEST_CASE("a partition of other data, or that does not hold together, is refused",
          "[fast][partition]") {
  const test::TempDir dir;
  auto data = six_dots();
  auto made = of_dots(data);
  made.labels[3] = 3;
  save_partition(dir / "p.safetensors", made);
  const auto outside = test::thrown_by([&] { load_partition(dir / "p.safetensors", data); });
  CHECK(outside.kind == ErrorKind::kData);
  CHECK(test::contains(outside.message, "labels (N) below the number of centres"));
  save_partition(dir / "p.safetensors", of_dots(data));
  data.digest = std::string(64, '0');
  const auto other = test::thrown_by([&] { load_partition(dir / "p.safetensors", data); });
  CHECK(other.kind == ErrorKind::kData);
  CHECK(test::contains(other.message, "ganselect partition build --dataset dots"));
}

TEST_CASE("clusters have names of their own", "[fast][partition]") {
  CHECK(cluster_names(2) == std::vector<std::string>{"cluster-0", "cluster-1"});
  CHECK(are_cluster_names(cluster_names(12)));
  CHECK_FALSE(are_cluster_names({}));
  CHECK_FALSE(are_cluster_names({"cluster-1", "cluster-0"}));
  CHECK_FALSE(are_cluster_names({"cat", "dog"}));
}

}  // namespace
}  // namespace ganselect
