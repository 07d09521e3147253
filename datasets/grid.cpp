#include "datasets/points.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec grid_dataset();

GaussianMixture grid_mixture() {
  constexpr int64_t kSide = 5;
  GaussianMixture mixture{torch::empty({kSide * kSide, 2}, torch::kFloat64), 0.05};
  auto* at = mixture.centres.data_ptr<double>();
  for (int64_t k = 0; k < kSide * kSide; ++k) {
    *at++ = -4.0 + 2.0 * static_cast<double>(k / kSide);
    *at++ = -4.0 + 2.0 * static_cast<double>(k % kSide);
  }
  return mixture;
}

DatasetSpec grid_dataset() {
  DatasetSpec spec;
  spec.name = "grid";
  spec.title = "generated: points from 25 Gaussians on a grid (step 2, sd 0.05); needs no file";
  spec.check = {.count = 1000,
                .digest = "122dab92db27390610236b47e946505be681271f1550dd77c5fd841d271dca10"};
  spec.load = [](const std::string&, const LoadSettings& settings) {
    return load_points("grid", grid_mixture(), settings);
  };
  return spec;
}

}  // namespace ganselect
