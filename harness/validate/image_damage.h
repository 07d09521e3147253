// Damage done to images in graded steps, for the validation of measures: blur, noise, occlusion,
// colour shift, JPEG compression.
//
// Shapes: N images, C channels, H rows, W columns.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/named_table.h"

namespace ganselect {

struct ImageDamage {
  std::string name;
  std::string planted;         // what is done, in words
  std::string unit;            // of the levels
  std::vector<double> levels;  // mild to strong
  double card_level = 0;       // the level that decides on a planted-defect card
  // uint8 (N,C,H,W) -> the same shape; the seed decides everything random. kUsage for a level the
  // damage cannot have.
  std::function<torch::Tensor(const torch::Tensor& images, double level, std::uint64_t seed)> apply;
};

const NamedTable<ImageDamage>& image_damages();

}  // namespace ganselect
