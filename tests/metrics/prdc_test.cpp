#include "metrics/prdc.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "metrics/numerics/neighbors.h"
#include "metrics/numerics/pair_tiles.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using test::gaussian;
using test::thrown_by;

// All distances by direct differences, added in the order of dimensions. No tensor operations:
// LibTorch's vectorized square root is not always the correctly rounded one.
torch::Tensor plain_distances(const torch::Tensor& x, const torch::Tensor& y) {
  auto distances = torch::empty({x.size(0), y.size(0)}, torch::kFloat64);
  const auto a = x.accessor<double, 2>(), b = y.accessor<double, 2>();
  auto out = distances.accessor<double, 2>();
  for (int64_t i = 0; i < x.size(0); ++i) {
    for (int64_t j = 0; j < y.size(0); ++j) {
      double sum = 0;
      for (int64_t d = 0; d < x.size(1); ++d) sum += (a[i][d] - b[j][d]) * (a[i][d] - b[j][d]);
      out[i][j] = std::sqrt(sum);
    }
  }
  return distances;
}

// Sets that make a product of matrices err: ties on a grid, duplicates, and small differences far
// from the origin.
std::vector<std::pair<torch::Tensor, torch::Tensor>> awkward_sets() {
  const auto grid = [](std::uint64_t seed, int64_t n) {
    return torch::randint(0, 4, {n, 3}, make_stream(seed, "grid"), torch::kFloat64);
  };
  const auto twice = torch::cat({gaussian(40, 5, 3), gaussian(40, 5, 3)});
  const auto far = gaussian(300, 7, 4, 1e7, 1e-3);
  // More than one tile a side; an outlier that swallows float32's digits; extreme units.
  const auto outlier = torch::cat({gaussian(530, 4, 5), torch::full({1, 4}, 1e9, torch::kFloat64)});
  return {{gaussian(310, 6, 1), gaussian(290, 6, 2)},
          {gaussian(1030, 3, 11), gaussian(620, 3, 12)},
          {outlier, gaussian(40, 4, 6)},
          {gaussian(60, 5, 7, 0, 1e150), gaussian(50, 5, 8, 0, 1e150)},
          {gaussian(60, 5, 7, 1e-3, 1e-160), gaussian(50, 5, 8, 1e-3, 1e-160)},
          {gaussian(90, 700, 9).to(torch::kFloat32).to(torch::kFloat64), gaussian(80, 700, 10)},
          {grid(1, 270), grid(2, 330)},
          {twice, torch::cat({twice.slice(0, 0, 30), gaussian(50, 5, 9)})},
          {far, far + 1e-9},
          {torch::full({20, 2}, 3.0, torch::kFloat64), torch::full({15, 2}, 3.0, torch::kFloat64)}};
}

}  // namespace

TEST_CASE("nearest distances equal those of the plain double loop, bit for bit", "[fast]") {
  for (const auto& [x, y] : awkward_sets()) {
    const auto all = plain_distances(x, y);
    CHECK(nearest_distances(x, y, 4).equal(std::get<0>(all.sort(1)).slice(1, 0, 4)));
    auto own = plain_distances(x, x);
    own.fill_diagonal_(std::numeric_limits<double>::infinity());
    CHECK(nearest_distances(x, x, 5, true).equal(std::get<0>(own.sort(1)).slice(1, 0, 5)));
  }
}

TEST_CASE("ball hits equal those of the plain double loop, ties included", "[fast]") {
  for (const auto& [x, y] : awkward_sets()) {
    const auto row_radii = nearest_distances(x, x, 3, true).select(1, 2).contiguous();
    const auto column_radii = nearest_distances(y, y, 3, true).select(1, 2).contiguous();
    const auto all = plain_distances(x, y);
    const auto hits = ball_hits(x, y,
                                {{row_radii, true, false},
                                 {row_radii, true, true},
                                 {column_radii, false, false},
                                 {column_radii, false, true}});
    const std::vector<torch::Tensor> inside = {all.lt(row_radii.unsqueeze(1)),
                                               all.le(row_radii.unsqueeze(1)), all.lt(column_radii),
                                               all.le(column_radii)};
    for (std::size_t t = 0; t < inside.size(); ++t) {
      INFO("test " << t);
      CHECK(hits[t].by_row.equal(inside[t].sum(1)));
      CHECK(hits[t].by_column.equal(inside[t].sum(0)));
    }
  }
}

TEST_CASE("float32 samples have the distances of their float64 values", "[fast]") {
  const auto x = gaussian(530, 9, 21).to(torch::kFloat32),
             y = gaussian(300, 9, 22).to(torch::kFloat32);
  const auto wide_x = x.to(torch::kFloat64), wide_y = y.to(torch::kFloat64);
  CHECK(nearest_distances(x, y, 3).equal(nearest_distances(wide_x, wide_y, 3)));
  CHECK(nearest_distances(x, x, 3, true).equal(nearest_distances(wide_x, wide_x, 3, true)));
  CHECK(nearest_distances(x, wide_y, 3).equal(nearest_distances(wide_x, wide_y, 3)));
}

TEST_CASE("the bounds of a tile hold for every pair", "[fast]") {
  for (const auto& [x, y] : awkward_sets()) {
    const PairTiles pairs(x, y, false);
    for (const auto& tile : pairs.other_tiles()) {
      const auto products = pairs.products(tile);
      int64_t broken = 0;
      for (int64_t i = 0; i < tile.rows; ++i) {
        for (int64_t j = 0; j < tile.columns; ++j) {
          const int64_t row = tile.row + i, column = tile.column + j;
          const auto bounds = pairs.bounds(row, column, products[i].const_data_ptr<float>()[j]);
          const double distance = pairs.exact(row, column);
          broken += pairs.squared_above(distance) < static_cast<double>(bounds.lower);
          broken += pairs.squared_below(distance) > static_cast<double>(bounds.upper);
        }
      }
      CHECK(broken == 0);
    }
  }
}

TEST_CASE("precision, recall, density and coverage of points on a line, worked by hand", "[fast]") {
  const auto line = [](std::vector<double> at) {
    return torch::tensor(at, torch::kFloat64).unsqueeze(1);
  };
  // k = 1. Real radii: 1, 1, 2, 6. Fake radii: 2.5, 2.5, 17.
  const auto real = line({0, 1, 3, 9}), fake = line({0.5, 3, 20});
  const auto open = manifold_scores(real, fake, {{.nearest_k = 1}}).front();
  CHECK_THAT(open.precision,
             WithinAbs(2.0 / 3, 1e-15));  // 0.5 is near 0 and 1; 3 is 3; 20 is near none
  CHECK_THAT(
      open.density,
      WithinAbs(3.0 / 3,
                1e-15));  // 0.5 in two balls; 3 in its own (of 1: |3-1| = 2 > 1; of 9: tie at 6)
  CHECK_THAT(open.coverage,
             WithinAbs(3.0 / 4, 1e-15));  // 9's ball reaches to 3 but does not hold it
  CHECK_THAT(open.recall,
             WithinAbs(4.0 / 4, 1e-15));  // 0, 1 by 0.5; 3 by 3; 9 by 20, 11 away within 17
  const auto closed = manifold_scores(real, fake, {{.nearest_k = 1, .closed = true}}).front();
  CHECK_THAT(closed.density, WithinAbs(4.0 / 3, 1e-15));  // the tie counts
  CHECK_THAT(closed.coverage, WithinAbs(1, 1e-15));
}

TEST_CASE("a collapsed generator has high precision and no recall, and not the other way round",
          "[fast]") {
  const auto real = gaussian(500, 8, 5);
  const auto fake = real.slice(0, 0, 1) + gaussian(400, 8, 6, 0, 1e-3);
  const auto measured = test::measure_family("prdc", test::feature_input(real, fake));
  CHECK(*measured.value("precision") >= 0.99);
  CHECK(*measured.value("recall") <= 0.01);
  CHECK(*measured.value("coverage") <= 0.1);
  const auto swapped = test::measure_family("prdc", test::feature_input(fake, real));
  CHECK(*swapped.value("precision") == *measured.value("recall"));
  CHECK(*swapped.value("recall") == *measured.value("precision"));
}

TEST_CASE("two draws of one distribution score high, a set and itself perfectly", "[fast]") {
  const auto real = gaussian(800, 3, 7), fake = gaussian(700, 3, 8);
  const auto measured = manifold_scores(real, fake, {{.nearest_k = 5}}).front();
  CHECK(measured.precision > 0.93);
  CHECK(measured.recall > 0.93);
  CHECK(measured.coverage > 0.93);
  CHECK_THAT(measured.density, WithinAbs(1, 0.1));
  const auto same = manifold_scores(real, real, {{.nearest_k = 5}}).front();
  CHECK(same.precision == 1);
  CHECK(same.recall == 1);
  CHECK(same.coverage == 1);
  // Each real ball holds its k - 1 nearest strictly, and its own centre: k in all.
  CHECK_THAT(same.density, WithinAbs(1, 1e-12));
}

TEST_CASE("dropped modes lower recall and coverage step by step", "[fast]") {
  const auto real = test::clusters(600, 6, 6, 9);
  double recall = 1.1, coverage = 1.1;
  for (const int64_t kept : {6, 4, 2, 1}) {
    const auto measured =
        manifold_scores(real, test::clusters(500, 6, kept, 10), {{.nearest_k = 5}}).front();
    CHECK(measured.recall < recall);
    CHECK(measured.coverage < coverage);
    CHECK(measured.precision > 0.7);
    recall = measured.recall;
    coverage = measured.coverage;
  }
  CHECK(recall < 0.2);
}

TEST_CASE("noise lowers precision, and the order of samples changes nothing", "[fast]") {
  const auto real = gaussian(400, 5, 11), fake = gaussian(300, 5, 12), noise = gaussian(300, 5, 13);
  double before = 1.1;
  for (const double amount : {0.0, 0.7, 1.5, 3.0}) {
    const double now =
        manifold_scores(real, fake + noise * amount, {{.nearest_k = 5}}).front().precision;
    CHECK(now < before);
    before = now;
  }
  const auto plain = manifold_scores(real, fake, {{.nearest_k = 5}}).front();
  const auto turned =
      manifold_scores(test::reversed_rows(real), test::reversed_rows(fake), {{.nearest_k = 5}})
          .front();
  CHECK(turned.precision == plain.precision);
  CHECK(turned.recall == plain.recall);
  CHECK(turned.density == plain.density);
  CHECK(turned.coverage == plain.coverage);
}

TEST_CASE("duplicates are reported, and samples up to k have a reason instead of a value",
          "[fast]") {
  auto fake = gaussian(50, 4, 14);
  fake.slice(0, 0, 6).copy_(fake[0].expand({6, 4}));  // five duplicates each
  const auto measured =
      test::measure_family("prdc", test::feature_input(gaussian(50, 4, 15), fake));
  REQUIRE(measured.warnings.size() == 1);
  CHECK(measured.warnings[0]["code"] == "duplicate_samples");
  CHECK(test::contains(measured.warnings[0]["message"].get<std::string>(),
                       "6 of 50 generated samples"));
  const auto few = test::measure_family("prdc", test::feature_input(gaussian(5, 4, 16), fake));
  for (const auto& name : metric_families().at("prdc").measures) {
    CHECK_FALSE(few.value(name).has_value());
    CHECK(few.reason.at(name) == "needs at least 6 samples of each, got 5 real and 50 generated");
  }
  CHECK(thrown_by([] { nearest_distances(gaussian(3, 2, 1), gaussian(3, 2, 1), 3, true); }).kind ==
        ErrorKind::kData);
  CHECK(thrown_by([] { nearest_distances(gaussian(3, 2, 1), gaussian(3, 4, 1), 1); }).kind ==
        ErrorKind::kData);
}

}  // namespace ganselect
