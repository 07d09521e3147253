#include "datasets/points.h"

#include <torch/torch.h>

#include <cmath>

#include "tests/datasets/support.h"

namespace ganselect::test {

TEST_CASE("the ring and the grid have their published centres", "[fast]") {
  const auto ring = ring_mixture();
  REQUIRE(ring.centres.sizes() == torch::IntArrayRef({8, 2}));
  CHECK(torch::allclose(ring.centres[0], torch::tensor({2.0, 0.0}, torch::kFloat64)));
  CHECK(torch::allclose(ring.centres[1], torch::tensor({M_SQRT2, M_SQRT2}, torch::kFloat64)));
  CHECK(torch::allclose(ring.centres[6], torch::tensor({0.0, -2.0}, torch::kFloat64)));
  CHECK(torch::allclose(unit_ring_mixture().centres, ring.centres / 2));
  CHECK(unit_ring_mixture().standard_deviation == 0.01);
  const auto grid = grid_mixture();
  REQUIRE(grid.centres.sizes() == torch::IntArrayRef({25, 2}));
  CHECK(torch::equal(grid.centres[1], torch::tensor({-4.0, -2.0}, torch::kFloat64)));
  CHECK(torch::equal(grid.centres[20], torch::tensor({4.0, -4.0}, torch::kFloat64)));
}

TEST_CASE("points lie around the centre of their label with the mixture's spread", "[fast]") {
  for (const std::string name : {"ring", "unit-ring", "grid"}) {
    const auto data = load_dataset(name, {.seed = 3});
    REQUIRE(data.size() == 50000);
    CHECK(data.shape == SampleShape::point());
    const auto& mixture = *data.mixture;
    const auto modes = mixture.centres.size(0);
    const auto offsets =
        (data.samples.to(torch::kFloat64) - mixture.centres.index_select(0, data.labels)) /
        mixture.standard_deviation;
    // 100,000 standard normal numbers: the mean's error is 0.003, the variance's 0.0045, the fourth
    // moment's 0.03; five of each.
    CHECK(std::abs(offsets.mean().item<double>()) < 0.016);
    CHECK(std::abs(offsets.square().mean().item<double>() - 1) < 0.023);
    CHECK(std::abs(offsets.pow(4).mean().item<double>() - 3) < 0.16);
    CHECK(std::abs((offsets.select(1, 0) * offsets.select(1, 1)).mean().item<double>()) < 0.023);
    const auto counts = torch::bincount(data.labels, {}, modes).to(torch::kFloat64);
    const double expected = 50000.0 / static_cast<double>(modes);
    CHECK((counts - expected).abs().max().item<double>() < 5 * std::sqrt(expected));
    CHECK(static_cast<int64_t>(data.class_names.size()) == modes);
  }
}

TEST_CASE("point sets are reproducible and their splits differ", "[fast]") {
  for (const auto& name : {"ring", "unit-ring", "grid"}) {
    const auto all = load_dataset(name, {});
    CHECK(load_dataset(name, {}).digest == all.digest);
    CHECK(torch::equal(load_dataset(name, {.limit = 9}).samples, all.samples.narrow(0, 0, 9)));
    CHECK(load_dataset(name, {.seed = 1}).digest != all.digest);
    CHECK_FALSE(torch::equal(load_dataset(name, {.split = "test", .limit = 9}).samples,
                             all.samples.narrow(0, 0, 9)));
    for (const auto& check : verify_dataset(name, "unused")) {
      INFO(name << " digest " << check.got);
      CHECK(check.state == FileState::kRight);
    }
  }
}

}  // namespace ganselect::test
