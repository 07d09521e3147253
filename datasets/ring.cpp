#include <cmath>
#include <numbers>

#include "datasets/points.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec ring_dataset();

namespace {

GaussianMixture ring_of(double radius, double standard_deviation) {
  constexpr int64_t kModes = 8;
  GaussianMixture mixture{torch::empty({kModes, 2}, torch::kFloat64), standard_deviation};
  auto* at = mixture.centres.data_ptr<double>();
  for (int64_t k = 0; k < kModes; ++k) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) / kModes;
    *at++ = radius * std::cos(angle);
    *at++ = radius * std::sin(angle);
  }
  return mixture;
}

}  // namespace

GaussianMixture ring_mixture() { return ring_of(2.0, 0.02); }
GaussianMixture unit_ring_mixture() { return ring_of(1.0, 0.01); }

DatasetSpec ring_dataset() {
  DatasetSpec spec;
  spec.name = "ring";
  spec.title = "generated: points from 8 Gaussians on a ring (radius 2, sd 0.02); needs no file";
  spec.check = {.count = 1000,
                .digest = "2ebc531d4235c53835b1d26454acd1d6e40c5934055636dd4b85a5afc76dd966"};
  spec.load = [](const std::string&, const LoadSettings& settings) {
    return load_points("ring", ring_mixture(), settings);
  };
  return spec;
}

}  // namespace ganselect
