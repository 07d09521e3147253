// What of an image is hidden from those who fill it in.
// N images, H height and width.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "base/named_table.h"

namespace ganselect {

struct MaskLaw {
  std::string name;         // "center", "square", "random"
  std::string explanation;  // what is hidden, for help texts
  // float32 (n, 1, size, size) on the generator's device: 1 where the image is seen, 0 where it is
  // not. Each image has a mask of its own; nothing waits for the device.
  torch::Tensor (*draw)(std::int64_t n, std::int64_t size, torch::Generator& random);
};
const NamedTable<MaskLaw>& mask_laws();

// The image in the training range (N, C, H, H) behind its mask (N, 1, H, H), as networks are told
// it: (N, 1 + C, H, H), see Condition::visible.
torch::Tensor masked_image(const torch::Tensor& images, const torch::Tensor& masks);

}  // namespace ganselect
