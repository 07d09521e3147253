#include "metrics/instances.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "base/torch/generators.h"
#include "metrics/fid.h"
#include "metrics/measure.h"
#include "metrics/prdc.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

torch::Tensor normal_rows(int64_t n, int64_t d, double mean, std::uint64_t seed) {
  return torch::randn({n, d}, make_generator(seed), torch::kFloat64) + mean;
}

TEST_CASE("neighbourhoods are scored one by one, then averaged, and the worst is named",
          "[fast][instances]") {
  // One dimension, counted by hand: variance with N - 1, FID = (m1-m2)^2 + (s1-s2)^2.
  const auto column = [](std::vector<double> values) {
    return torch::tensor(values, torch::kFloat64).unsqueeze(1);
  };
  const auto out = neighborhood_distances(
      {{.real = column({0, 2}), .fake = column({3, 5})},          // means 1 and 4, equal spread: 9
       {.real = column({0, 2, 4}), .fake = column({2, 2, 2})}});  // deviations 2 and 0: 4
  CHECK_THAT(out.mean, WithinAbs(6.5, 1e-9));
  CHECK_THAT(out.worst, WithinAbs(9.0, 1e-9));
  CHECK(out.neighborhoods == 2);
  CHECK(out.samples == 2);
  CHECK(test::thrown_by([] { neighborhood_distances({}); }).kind == ErrorKind::kData);
  CHECK(test::thrown_by([&] {
          neighborhood_distances({{.real = column({1}), .fake = column({1, 2})}});
        }).message == "[neighbourhoods] expected at least two samples a side, got 1");
}

TEST_CASE("a sample counts for its own instance by direction, not by distance",
          "[fast][instances]") {
  const auto stored = torch::tensor({{1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}});
  const auto samples = torch::tensor({{9.0, 0.5}, {0.1, 0.2}, {5.0, 5.1}, {-1.0, 0.1}});
  CHECK(own_instance_share(stored, samples, torch::tensor({0, 1, 2, 1}, torch::kInt64)) == 0.75);
  CHECK(own_instance_share(stored, samples, torch::tensor({1, 2, 0, 1}, torch::kInt64)) == 0.5);
}

TEST_CASE("transfer compares swapped and plain samples with the unseen classes",
          "[fast][instances]") {
  EvaluationInput input;
  input.real.features = normal_rows(60, 3, 0, 1);
  input.fake.features = normal_rows(50, 3, 0.2, 2);
  input.unseen = normal_rows(40, 3, 2, 3);
  input.unseen_fake = normal_rows(45, 3, 1.7, 4);
  const EvaluationSettings only{.metrics = {"transfer"}};
  const auto swapped = measure_samples(input, only);
  const double near = frechet_inception_distance(input.unseen, input.unseen_fake);
  const double far = frechet_inception_distance(input.unseen, input.fake.features);
  REQUIRE(near < far);
  CHECK_THAT(*swapped.value("fid_unseen"), WithinAbs(near, 1e-12));
  CHECK_THAT(*swapped.value("fid_unseen_unswapped"), WithinAbs(far, 1e-12));
  const auto coverage = [&](const torch::Tensor& fake) {
    return manifold_scores(input.unseen, fake, {{.nearest_k = 5}})[0].coverage;
  };
  CHECK(*swapped.value("coverage_unseen") == coverage(input.unseen_fake));
  CHECK(*swapped.value("coverage_unseen_unswapped") == coverage(input.fake.features));
  CHECK(swapped.protocol.at("measures").at("fid_unseen").at("n_fake") == 45);
  CHECK(swapped.protocol.at("measures").at("coverage_unseen_unswapped").at("n_fake") == 50);

  input.unseen_fake = torch::Tensor();
  const auto plain = measure_samples(input, only);
  CHECK_THAT(*plain.value("fid_unseen"), WithinAbs(far, 1e-12));
  CHECK(plain.reason.at("fid_unseen_unswapped") == "the generator is not conditioned on instances");
  input.unseen = torch::Tensor();
  CHECK(measure_samples(input, only).reason.at("coverage_unseen") ==
        "needs images of classes that training left out");
}

TEST_CASE("measures of instances carry their counts, and are null without instances",
          "[fast][instances]") {
  EvaluationInput input;
  input.fake.features = normal_rows(10, 3, 0, 1);
  const EvaluationSettings only{.metrics = {"instances"}};
  CHECK(measure_samples(input, only).reason.at("own_instance_share") ==
        "needs samples that were asked for instances");
  InstanceSamples samples;
  samples.neighborhoods = {{.real = normal_rows(6, 3, 0, 2), .fake = normal_rows(7, 3, 1, 3)}};
  samples.stored = torch::eye(3);
  samples.samples = torch::eye(3).roll(1, 0);
  samples.asked = torch::tensor({2, 0, 0}, torch::kInt64);
  input.instances = std::make_shared<const InstanceSamples>(samples);
  const auto measures = measure_samples(input, only);
  CHECK_THAT(*measures.value("own_instance_share"), WithinAbs(2.0 / 3.0, 1e-15));
  CHECK(*measures.value("fid_neighborhood_worst") == *measures.value("fid_neighborhood_mean"));
  CHECK(measures.protocol.at("measures").at("fid_neighborhood_mean") ==
        Json{{"neighborhoods", 1}, {"samples_each", 6}});
}

}  // namespace
}  // namespace ganselect
