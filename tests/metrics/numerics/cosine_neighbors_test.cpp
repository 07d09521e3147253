#include "metrics/numerics/cosine_neighbors.h"

#include <torch/torch.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <vector>

#include "base/error.h"
#include "base/torch/generators.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

// Rows in a few tight bundles, so that many similarities differ by little more than float32 holds.
torch::Tensor bundled_rows(int64_t n, int64_t d, double spread, std::uint64_t seed) {
  auto random = make_generator(seed);
  const auto centres = torch::randn({5, d}, random, torch::kFloat64);
  const auto owner = torch::randint(5, {n}, random, torch::kInt64);
  const auto length = torch::rand({n, 1}, random, torch::kFloat64) * 10 + 0.1;
  return (centres.index_select(0, owner) + spread * torch::randn({n, d}, random, torch::kFloat64)) *
         length;
}

struct Found {
  double similarity;
  int64_t index;
};

// All similarities of one row by the plain double loop, sorted; `self`: put first, or -1.
std::vector<Found> by_loop(const torch::Tensor& queries, int64_t row, const torch::Tensor& points) {
  const auto q = queries.accessor<double, 2>();
  const auto p = points.accessor<double, 2>();
  std::vector<Found> all;
  for (int64_t j = 0; j < points.size(0); ++j) {
    double dot = 0, a = 0, b = 0;
    for (int64_t c = 0; c < points.size(1); ++c) {
      dot += q[row][c] * p[j][c];
      a += q[row][c] * q[row][c];
      b += p[j][c] * p[j][c];
    }
    all.push_back({dot / std::sqrt(a) / std::sqrt(b), j});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Found& a, const Found& b) { return a.similarity > b.similarity; });
  return all;
}

// Identical but for ties: where another row stands in a place, it is as similar within rounding.
void check_rows(const CosineNeighbors& found, const torch::Tensor& queries,
                const torch::Tensor& points) {
  const auto indices = found.indices.accessor<int32_t, 2>();
  const auto similarities = found.similarities.accessor<double, 2>();
  for (int64_t i = 0; i < queries.size(0); ++i) {
    const auto expected = by_loop(queries, i, points);
    std::vector<double> of_row(static_cast<std::size_t>(points.size(0)));
    for (const auto& one : expected) of_row[static_cast<std::size_t>(one.index)] = one.similarity;
    for (int64_t j = 0; j < found.indices.size(1); ++j) {
      const auto& want = expected[static_cast<std::size_t>(j)];
      CHECK_THAT(similarities[i][j], WithinAbs(want.similarity, 1e-14));
      if (indices[i][j] != want.index) {
        // The sums run in another order here, so equal ones may change places.
        CHECK_THAT(of_row[static_cast<std::size_t>(indices[i][j])],
                   WithinAbs(want.similarity, 1e-14));
      }
    }
  }
}

TEST_CASE("cosine neighbours are those of brute force in float64", "[fast][neighbors]") {
  // More than one block of rows; bundles so tight that float32 alone would mix neighbours up.
  for (const double spread : {1.0, 1e-4}) {
    const auto points = bundled_rows(400, 24, spread, 3);
    const auto queries = bundled_rows(270, 24, spread, 3);
    check_rows(cosine_neighbors(queries, points, 7), queries, points);
    check_rows(cosine_neighbors_within(points, 9, true), points, points);
  }
}

TEST_CASE("float32 alone would not find these neighbours", "[fast][neighbors]") {
  // Holds the case above to its purpose: its bundles are too tight for a plain float32 product.
  const auto points = bundled_rows(400, 24, 1e-4, 3);
  const auto units = (points / points.norm(2, 1, true)).to(torch::kFloat32);
  const auto naive = std::get<1>(units.mm(units.t()).topk(9, 1)).to(torch::kInt32);
  CHECK_FALSE(torch::equal(naive, cosine_neighbors_within(points, 9, true).indices));
}

TEST_CASE("a row is its own first neighbour, or none, as asked", "[fast][neighbors]") {
  auto rows = bundled_rows(60, 8, 1.0, 5);
  rows[41].copy_(rows[7] * 3);  // a duplicate in direction
  const auto with = cosine_neighbors_within(rows, 4, true);
  const auto without = cosine_neighbors_within(rows, 4, false);
  CHECK(torch::equal(with.indices.select(1, 0), torch::arange(60, torch::kInt32)));
  CHECK(with.indices[41][1].item<int32_t>() == 7);
  CHECK(without.indices[41][0].item<int32_t>() == 7);
  CHECK(without.indices[7][0].item<int32_t>() == 41);
  for (int64_t i = 0; i < 60; ++i) CHECK_FALSE(without.indices[i].eq(i).any().item<bool>());
  CHECK(torch::equal(with.indices.slice(1, 1).index_select(0, torch::tensor({3})),
                     without.indices.slice(1, 0, 3).index_select(0, torch::tensor({3}))));
}

TEST_CASE("among many duplicates a row still stands first in its own neighbourhood",
          "[fast][neighbors]") {
  const auto rows = torch::ones({100, 3}, torch::kFloat64);
  const auto found = cosine_neighbors_within(rows, 3, true);
  CHECK(torch::equal(found.indices.select(1, 0), torch::arange(100, torch::kInt32)));
  CHECK(torch::equal(found.indices[50], torch::tensor({50, 0, 1}, torch::kInt32)));
}

TEST_CASE("cosine neighbours refuse rows without a direction and too many neighbours",
          "[fast][neighbors]") {
  auto rows = torch::randn({5, 3}, make_generator(1));
  CHECK(test::thrown_by([&] { cosine_neighbors_within(rows, 5, false); }).kind == ErrorKind::kData);
  CHECK(test::thrown_by([&] { cosine_neighbors_within(rows, 5, true); }).message.empty());
  rows[2].zero_();
  CHECK(test::thrown_by([&] { cosine_neighbors_within(rows, 2, true); }).message ==
        "[cosine neighbours] expected rows with a direction, got 1 rows of zeros or of numbers "
        "that are not finite");
  CHECK(test::thrown_by([&] { unit_rows(rows); }).kind == ErrorKind::kData);
}

TEST_CASE("unit rows have length 1 and the direction they had", "[fast][neighbors]") {
  const auto rows = torch::tensor({{3.0, 4.0}, {-8.0, 6.0}});
  CHECK(torch::allclose(unit_rows(rows), torch::tensor({{0.6F, 0.8F}, {-0.8F, 0.6F}}), 1e-6, 0));
}

}  // namespace
}  // namespace ganselect
