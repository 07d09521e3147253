#include "metrics/ndb.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "metrics/memorization.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::contains;
using test::gaussian;
using test::thrown_by;

}  // namespace

TEST_CASE("different bins and divergence of two histograms, worked by hand", "[fast]") {
  // Bin 0: 50/100 against 30/100: pooled 0.4, z = 0.2 / sqrt(0.4 * 0.6 * 0.02) = 2.887: different.
  // Bin 1: 50/100 against 60/100: pooled 0.55, z = 0.1 / sqrt(0.55 * 0.45 * 0.02) = 1.421: not. Bin
  // 2: 0 against 10: 3.244.
  const auto real = torch::tensor({50, 50, 0, 0}), fake = torch::tensor({30, 60, 10, 0});
  const auto compared = compare_bins(real, fake);
  CHECK(compared.different == 2);
  CHECK_THAT(compared.p_values[0].item<double>(),
             WithinRel(std::erfc(0.2 / std::sqrt(0.0048) / std::sqrt(2.0)), 1e-12));
  CHECK(std::isnan(compared.p_values[3].item<double>()));
  const auto term = [](double p, double m) { return p > 0 ? p * std::log(p / m) : 0; };
  const double jsd = (term(0.5, 0.4) + term(0.5, 0.55)) / 2 +
                     (term(0.3, 0.4) + term(0.6, 0.55) + term(0.1, 0.05)) / 2;
  CHECK_THAT(compared.jsd, WithinRel(jsd, 1e-13));
  CHECK_THAT(compare_bins(fake, real).jsd, WithinRel(jsd, 1e-13));
}

TEST_CASE("equal and disjoint histograms are the ends of the scale", "[fast]") {
  const auto equal = compare_bins(torch::tensor({3, 7}), torch::tensor({30, 70}));
  CHECK(equal.different == 0);
  CHECK_THAT(equal.jsd, WithinAbs(0, 1e-15));
  const auto disjoint = compare_bins(torch::tensor({40, 0}), torch::tensor({0, 60}));
  CHECK(disjoint.different == 2);
  CHECK_THAT(disjoint.jsd, WithinRel(std::log(2.0), 1e-14));
  // One bin holds everything in both: 0/0, not different.
  CHECK(compare_bins(torch::tensor({5}), torch::tensor({9})).different == 0);
}

TEST_CASE("counts that are none are refused", "[fast]") {
  for (const auto& wrong : {torch::tensor({-1, 3}), torch::tensor({0, 0}),
                            torch::tensor({0.5, 1.0}), torch::tensor({{1, 2}})}) {
    CHECK(thrown_by([&] { compare_bins(wrong, torch::tensor({1, 2})); }).kind == ErrorKind::kData);
  }
  const auto lengths = thrown_by([] {
    compare_bins(torch::tensor({1, 2}), torch::tensor({1, 2, 3}));
  });
  CHECK(contains(lengths.message, "the same number of bins, got [2] and [3]"));
}

TEST_CASE("k-means finds separate clusters, and counts do not change with the order", "[fast]") {
  const auto real = test::clusters(600, 5, 5, 1);
  const auto centres = kmeans_centres(real, 5, 7);
  CHECK(std::get<0>(count_by_centre(real, centres).sort())
            .equal(torch::full({5}, 120, torch::kInt64)));
  const auto fake = test::clusters(300, 5, 3, 2);
  CHECK(std::get<0>(count_by_centre(fake, centres).sort())
            .equal(torch::tensor({0, 0, 100, 100, 100})));
  CHECK(count_by_centre(test::reversed_rows(fake), centres).equal(count_by_centre(fake, centres)));
  CHECK(kmeans_centres(real, 5, 7).equal(centres));
  CHECK(thrown_by([&] { kmeans_centres(real.slice(0, 0, 4), 5, 7); }).kind == ErrorKind::kData);
}

TEST_CASE("k-means with more bins than distinct samples leaves bins empty", "[fast]") {
  const auto centres = kmeans_centres(torch::ones({8, 2}, torch::kFloat64), 3, 1);
  CHECK(centres.isfinite().all().item<bool>());
  CHECK(count_by_centre(torch::ones({8, 2}, torch::kFloat64), centres).sum().item<int64_t>() == 8);
}

TEST_CASE("fresh samples differ in few bins, dropped modes in many", "[fast]") {
  EvaluationSettings settings;
  settings.options["ndb.bins"] = 40;
  const auto real = gaussian(2000, 3, 3);
  const auto fresh =
      test::measure_family("ndb", test::feature_input(real, gaussian(1500, 3, 4)), settings);
  // 5% of 40 bins by chance: 2, with standard deviation 1.4.
  CHECK(*fresh.value("ndb") <= 7);
  const auto half = gaussian(3000, 3, 4);
  const auto dropped = half.index_select(0, half.select(1, 0).gt(0).nonzero().flatten());
  const auto lacking = test::measure_family("ndb", test::feature_input(real, dropped), settings);
  CHECK(*lacking.value("ndb") >= 30);
  CHECK(*lacking.value("jsd") > 10 * *fresh.value("jsd"));
  CHECK(lacking.protocol["measures"]["ndb"]["bins"] == 40);
}

TEST_CASE("too few samples for the bins have a reason", "[fast]") {
  const auto few =
      test::measure_family("ndb", test::feature_input(gaussian(999, 3, 3), gaussian(1500, 3, 4)));
  CHECK_FALSE(few.value("ndb").has_value());
  CHECK(few.reason.at("jsd") ==
        "needs at least 1000 samples of each, got 999 real and 1500 generated");
}

TEST_CASE("planted copies are found, and fresh samples are not taken for copies", "[fast]") {
  const auto train = gaussian(2000, 6, 5), heldout = gaussian(1000, 6, 6),
             fresh = gaussian(1000, 6, 7);
  CHECK_THAT(memorization_score(train, heldout, fresh, 0.01).share, WithinAbs(0.01, 0.015));
  auto planted = fresh.clone();
  planted.slice(0, 0, 100).copy_(train.slice(0, 500, 600) + gaussian(100, 6, 8, 0, 1e-3));
  const double share = memorization_score(train, heldout, planted, 0.01).share;
  CHECK(share >= 0.1);
  CHECK(share <= 0.1 + 0.025);
  CHECK(memorization_score(train, heldout, train.slice(0, 0, 300), 0.01).share == 1);
  CHECK(memorization_score(train, heldout, test::reversed_rows(planted), 0.01).share == share);
  // Noise moves samples away from the training set.
  CHECK(memorization_score(train, heldout, fresh + gaussian(1000, 6, 9), 0.01).share < 0.01);
}

TEST_CASE("memorization needs held-out samples, and enough of them", "[fast]") {
  auto input = test::feature_input(gaussian(300, 4, 10), gaussian(200, 4, 11));
  CHECK(test::measure_family("memorization", input).reason.at("memorization") ==
        "needs features of held-out samples");
  input.heldout.features = gaussian(99, 4, 12);
  CHECK(test::measure_family("memorization", input).reason.at("memorization") ==
        "needs at least 100 held-out samples, got 99");
  input.heldout.features = gaussian(100, 4, 12);
  CHECK(test::measure_family("memorization", input).value("memorization").has_value());
}

}  // namespace ganselect
