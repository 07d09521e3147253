// The device's way to neighbours, run on the CPU, against the host's way.
#include "metrics/numerics/neighbors_device.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::gaussian;

// Sets that make a product of matrices err, and more rows than a block has.
std::vector<std::pair<torch::Tensor, torch::Tensor>> device_sets() {
  const auto grid = [](std::uint64_t seed, int64_t n) {
    return torch::randint(0, 4, {n, 3}, make_stream(seed, "grid"), torch::kFloat64);
  };
  const auto twice = torch::cat({gaussian(40, 5, 3), gaussian(40, 5, 3)});
  const auto far = gaussian(300, 7, 4, 1e7, 1e-3);
  return {{gaussian(1100, 6, 1), gaussian(290, 6, 2)},
          {grid(1, 270), grid(2, 330)},
          {twice, torch::cat({twice.slice(0, 0, 30), gaussian(50, 5, 9)})},
          {far, far + 1e-9},
          {torch::full({20, 2}, 3.0, torch::kFloat64), torch::full({15, 2}, 3.0, torch::kFloat64)}};
}

}  // namespace

TEST_CASE("the device's nearest distances are the host's, bit for bit", "[fast]") {
  for (const auto& [x, y] : device_sets()) {
    CHECK(nearest_distances_on_device(x, y, 4).equal(nearest_distances(x, y, 4)));
    CHECK(nearest_distances_on_device(x, x, 5, true).equal(nearest_distances(x, x, 5, true)));
    CHECK(nearest_distances_on_device(x, y, y.size(0)).equal(nearest_distances(x, y, y.size(0))));
  }
}

TEST_CASE("the device's ball hits are the host's, ties included", "[fast]") {
  for (const auto& [x, y] : device_sets()) {
    const auto row_radii = nearest_distances(x, x, 3, true).select(1, 2).contiguous();
    const auto column_radii = nearest_distances(y, y, 3, true).select(1, 2).contiguous();
    const std::vector<Balls> balls = {{row_radii, true, false},
                                      {row_radii, true, true},
                                      {column_radii, false, false},
                                      {column_radii, false, true}};
    const auto host = ball_hits(x, y, balls), device = ball_hits_on_device(x, y, balls);
    for (std::size_t i = 0; i < balls.size(); ++i) {
      INFO(i);
      CHECK(device[i].by_row.equal(host[i].by_row));
      CHECK(device[i].by_column.equal(host[i].by_column));
    }
  }
}

TEST_CASE("the device's neighbours refuse what the host's do", "[fast]") {
  const auto x = gaussian(5, 3, 1);
  const auto many = test::thrown_by([&] { nearest_distances_on_device(x, x, 5, true); });
  CHECK(many.kind == ErrorKind::kData);
  CHECK(test::contains(many.message, "expected more than 5 points, got 5"));
  const auto wide = test::thrown_by([&] { ball_hits_on_device(x, gaussian(5, 4, 1), {}); });
  CHECK(wide.kind == ErrorKind::kData);
}

}  // namespace ganselect
