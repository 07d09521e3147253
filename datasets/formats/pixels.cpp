#include "datasets/formats/pixels.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/isfinite.h>

#include "base/error.h"

namespace ganselect {

torch::Tensor pad_28_to_32(const torch::Tensor& images) {
  if (images.dim() != 4 || images.size(2) != 28 || images.size(3) != 28) return images;
  return at::constant_pad_nd(images, {2, 2, 2, 2}, 0);
}

torch::Tensor matching_channels(const torch::Tensor& images, int64_t channels) {
  if (channels == 3 && images.size(1) == 1) return images.expand({-1, 3, -1, -1});
  const bool colors = images.size(1) == 3;
  if (channels != 1 || !colors) return images;
  const auto first = images.narrow(1, 0, 1);
  return images.eq(first).all().item<bool>() ? first.contiguous() : images;
}

torch::Tensor to_training_range(const torch::Tensor& samples) {
  if (samples.is_floating_point()) return samples.to(torch::kFloat32);
  return samples.to(torch::kFloat32).div_(127.5).sub_(1);
}

torch::Tensor to_uint8(const torch::Tensor& images) {
  const auto levels = images.to(torch::kFloat32).mul(127.5).add_(128);
  if (!at::isfinite(levels).all().item<bool>()) {
    fail(ErrorKind::kFailed, {.where = "pixels",
                              .expected = "finite values",
                              .got = "infinity or not-a-number",
                              .hint = "the generator that made them has diverged"});
  }
  return levels.clamp(0, 255).to(torch::kUInt8);
}

}  // namespace ganselect
