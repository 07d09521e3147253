#include "metrics/detectors/detector_input.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>

namespace ganselect {

torch::Tensor resize_for_detector(const torch::Tensor& images, int64_t size) {
  return at::_upsample_bicubic2d_aa(images.to(torch::kFloat32), {size, size},
                                    /*align_corners=*/false)
      .clamp(0, 255);
}

torch::Tensor rgb_for_detector(const torch::Tensor& images) {
  if (images.size(1) == 1) return images.expand({-1, 3, -1, -1});
  if (images.size(1) != 4) return images;
  constexpr int64_t kWhite = 255;
  const auto alpha = images.narrow(1, 3, 1).to(torch::kInt32);
  return (images.narrow(1, 0, 3).to(torch::kInt32) * alpha + (kWhite - alpha) * kWhite + 127)
      .div(kWhite, "floor")
      .to(torch::kUInt8);
}

std::string rgb_text(int64_t channels) {
  if (channels == 1) return "grey repeated to three channels; ";
  return channels == 4 ? "alpha laid on white; " : "";
}

std::string resize_text(int64_t size) {
  const auto side = std::to_string(size);
  return "resized to " + side + "x" + side + ": anti-aliased bicubic in float32, not rounded";
}

}  // namespace ganselect
