#include "metrics/authenticity.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "metrics/numerics/neighbors.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::feature_input;
using test::gaussian;
using test::measure_family;
using test::thrown_by;

// The definition, as a double loop over exact distances.
double by_loops(const torch::Tensor& train, const torch::Tensor& samples) {
  const auto within = torch::cdist(train, train, 2, 2), across = torch::cdist(samples, train, 2, 2);
  int authentic = 0;
  for (int64_t j = 0; j < samples.size(0); ++j) {
    const auto row = across[j];
    const auto nearest = row.argmin().item<int64_t>();
    double gap = 1e300;
    for (int64_t i = 0; i < train.size(0); ++i) {
      if (i != nearest) gap = std::min(gap, within[nearest][i].item<double>());
    }
    authentic += gap < row[nearest].item<double>();
  }
  return authentic / static_cast<double>(samples.size(0));
}

}  // namespace

TEST_CASE("authenticity is that of a double loop, in any order of samples", "[fast]") {
  for (const int64_t d : {1, 3, 40}) {
    INFO(d << " dimensions");
    const auto train = gaussian(150, d, 1), fake = gaussian(120, d, 2, 0.1, 1.1);
    const auto score = authenticity_score(train, fake);
    CHECK(score.share == by_loops(train, fake));
    CHECK(score.share > 0.2);
    CHECK(score.share < 0.95);
    CHECK(score.duplicated_training == 0);
    CHECK(authenticity_score(test::reversed_rows(train), test::reversed_rows(fake)).share ==
          score.share);
  }
}

TEST_CASE("copies are not authentic, samples far from all are", "[fast]") {
  const auto train = gaussian(60, 4, 1);
  CHECK(authenticity_score(train, train).share == 0);
  CHECK(authenticity_score(train, train + 1e-9).share == 0);
  CHECK(authenticity_score(train, train + 100).share == 1);
  const auto half = torch::cat({train, train + 100});
  CHECK(authenticity_score(train, half).share == 0.5);
}

TEST_CASE("ties: as near as the neighbour's neighbour is no authentic sample", "[fast]") {
  const auto points = [](std::vector<double> values) {
    return torch::tensor(values, torch::kFloat64).unsqueeze(1);
  };
  // Gaps of 0, 1, 5: 1, 1, 4. -1 is as far as 1 is from 0; -1.5 is farther.
  const auto train = points({0, 1, 5});
  CHECK(authenticity_score(train, points({-1})).share == 0);
  CHECK(authenticity_score(train, points({-1.5})).share == 1);
  // 3 is as near to 1 (gap 1) as to 5 (gap 4): what lies inside one gap is not authentic.
  CHECK(authenticity_score(train, points({3})).share == 0);
  CHECK(authenticity_score(points({5, 1, 0}), points({3})).share == 0);
  const auto nearest = largest_at_nearest(points({3, 0.1}), train, torch::tensor({7.0, 8.0, 9.0}));
  CHECK(nearest.distances.equal(torch::tensor({2.0, 0.1}, torch::kFloat64)));
  CHECK(nearest.values.equal(torch::tensor({9.0, 7.0}, torch::kFloat64)));
}

TEST_CASE("duplicates among training samples are said: they hide all but exact copies", "[fast]") {
  auto train = gaussian(40, 3, 1);
  train[7].copy_(train[3]);
  const auto near = train.slice(0, 3, 4) + 1e-6;
  CHECK(authenticity_score(train, near).share == 1);
  CHECK(authenticity_score(train, train.slice(0, 3, 4)).share == 0);
  const auto measured = measure_family("authenticity", feature_input(train, near));
  REQUIRE(measured.warnings.size() == 1);
  CHECK(measured.warnings[0]["code"] == "duplicate_samples");
  CHECK(contains(measured.warnings[0]["message"].get<std::string>(), "2 of 40"));
}

TEST_CASE("authenticity of held-out samples stands beside it where there are any", "[fast]") {
  auto input = feature_input(gaussian(50, 3, 1), gaussian(60, 3, 2));
  const auto without = measure_family("authenticity", input);
  CHECK(without.value("authenticity"));
  CHECK(contains(without.reason.at("authenticity_heldout"), "held-out"));
  input.heldout.features = gaussian(70, 3, 3);
  const auto with = measure_family("authenticity", input);
  CHECK(*with.value("authenticity_heldout") ==
        authenticity_score(input.real.features, input.heldout.features).share);
  CHECK((with.value("authenticity") == without.value("authenticity")));
  CHECK(with.protocol["measures"]["authenticity"]["n_train"] == 50);
}

TEST_CASE("authenticity needs two training samples", "[fast]") {
  const auto one =
      measure_family("authenticity", feature_input(gaussian(1, 3, 1), gaussian(5, 3, 2)));
  CHECK(contains(one.reason.at("authenticity"), "at least 2 real samples"));
  CHECK(thrown_by([] { authenticity_score(gaussian(1, 3, 1), gaussian(5, 3, 2)); }).kind ==
        ErrorKind::kData);
  CHECK(thrown_by([] {
          largest_at_nearest(gaussian(2, 3, 1), gaussian(4, 3, 2), torch::zeros({3}));
        }).kind == ErrorKind::kData);
}

}  // namespace ganselect
