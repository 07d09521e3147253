#include "metrics/detectors/detector_input.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>

namespace ganselect {

torch::Tensor resize_for_detector(const torch::Tensor& images, int64_t size) {
  return at::_upsample_bicubic2d_aa(images.to(torch::kFloat32), {size, size},
                                    /*align_corners=*/false)
      .clamp(0, 255);
}

std::string resize_text(int64_t size) {
  const auto side = std::to_string(size);
  return "resized to " + side + "x" + side + ": anti-aliased bicubic in float32, not rounded";
}

}  // namespace ganselect
