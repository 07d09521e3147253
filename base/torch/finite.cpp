#include "base/torch/finite.h"

#include <torch/torch.h>

#include <cmath>

namespace ganselect {

bool all_finite(const torch::Tensor& values) {
  if (values.numel() == 0) return true;
  // NaN shows in both.
  const auto [least, greatest] = torch::aminmax(values);
  return std::isfinite(least.item<double>()) && std::isfinite(greatest.item<double>());
}

}  // namespace ganselect
