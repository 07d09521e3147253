#include "datasets/points.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec unit_ring_dataset();

DatasetSpec unit_ring_dataset() {
  DatasetSpec spec;
  spec.name = "unit-ring";
  spec.title = "generated: points from 8 Gaussians on a ring (radius 1, sd 0.01); needs no file";
  spec.check = {.count = 1000,
                .digest = "910236030343ea60eff35b9f9ebdecc0e615ca5849a21c9886babfe2c05f339f"};
  spec.load = [](const std::string&, const LoadSettings& settings) {
    return load_points("unit-ring", unit_ring_mixture(), settings);
  };
  return spec;
}

}  // namespace ganselect
