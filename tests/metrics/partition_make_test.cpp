#include "metrics/partition_make.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "metrics/measure.h"
#include "metrics/numerics/cosine_neighbors.h"
#include "tests/metrics/detectors/judge_samples.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

TEST_CASE("clusters of well separated classes are these classes", "[fast][partition]") {
  const auto data = striped_images(90, 1, 3);
  const auto detector = load_detector("pixels");
  const auto made = make_partition(data, *detector, {.clusters = 3, .seed = 2});
  CHECK(made.clusters() == 3);
  CHECK(made.detector_digest == detector->digest());
  CHECK(made.data_digest == data.digest);
  // Two images are of one cluster where they are of one class, for nearly all pairs.
  const auto same = [](const torch::Tensor& l) { return l.unsqueeze(0).eq(l.unsqueeze(1)); };
  CHECK(same(made.labels).eq(same(data.labels)).to(torch::kFloat32).mean().item<float>() > 0.95F);
  const auto again = make_partition(data, *detector, {.clusters = 3, .seed = 2});
  CHECK(torch::equal(again.labels, made.labels));
  const auto others = striped_images(60, 5, 3);
  const auto held_out = partition_of(others, *detector, made);
  CHECK(torch::equal(held_out.centres, made.centres));
  CHECK(held_out.labels.size(0) == 60);
  CHECK(held_out.data_digest == others.digest);
  CHECK(torch::equal(partition_of(data, *detector, made).labels, made.labels));
  CHECK(test::thrown_by([&] { make_partition(data, *detector, {.clusters = 91}); }).kind ==
        ErrorKind::kData);
}

TEST_CASE("the nearest cluster is that of the least distance, not of direction",
          "[fast][partition]") {
  const auto centres = torch::tensor({{1.0F, 0.0F}, {4.0F, 4.0F}});
  const auto rows = torch::tensor({{1.2F, 1.2F}, {3.0F, 3.0F}, {0.0F, 0.0F}});
  CHECK(torch::equal(nearest_cluster(rows, centres), torch::tensor({0, 1, 0}, torch::kInt64)));
}

TEST_CASE("samples count for the cluster that they were asked for", "[fast][partition]") {
  EvaluationInput input;
  input.fake.features = torch::zeros({4, 1});
  CHECK(measure_samples(input, {.metrics = {"clusters"}}).reason.at("own_cluster_share") ==
        "needs samples that were asked for clusters of the data");
  input.clusters = std::make_shared<const ClusterSamples>(ClusterSamples{
      .centres = torch::tensor({{1.0F, 0.0F}, {0.0F, 1.0F}}),
      .samples = torch::tensor({{0.9F, 0.1F}, {0.2F, 0.9F}, {0.8F, 0.3F}, {0.0F, 1.0F}}),
      .asked = torch::tensor({0, 1, 1, 1}, torch::kInt64)});
  const auto measures = measure_samples(input, {.metrics = {"clusters"}});
  CHECK(measures.value("own_cluster_share") == 0.75);
  CHECK(measures.protocol.at("measures").at("own_cluster_share").at("clusters") == 2);
}

}  // namespace
}  // namespace ganselect
