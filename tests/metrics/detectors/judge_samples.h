// Small labelled images for the judge's tests: three classes told apart by texture and colour, with
// noise.
#pragma once

#include <torch/torch.h>

#include <string>

#include "base/torch/generators.h"
#include "datasets/dataset.h"

namespace ganselect {

// uint8 (n,channels,16,16): class 0 bright upper half, class 1 bright left half, class 2 a
// chequered ground.
inline Dataset striped_images(int64_t n, std::uint64_t seed, int64_t channels = 2) {
  auto generator = make_generator(seed);
  const auto labels = torch::randint(3, {n}, generator, torch::kInt64);
  const auto at = torch::arange(16);
  const auto upper = (at < 8).view({16, 1}).expand({16, 16}).to(torch::kFloat32);
  const auto chequered = ((at.view({16, 1}) + at.view({1, 16})) % 2).to(torch::kFloat32);
  const auto patterns = torch::stack({upper, upper.t(), chequered}).unsqueeze(1);
  const auto strength = torch::rand({n, channels, 1, 1}, generator) * 60 + 60;
  auto pixels = patterns.index_select(0, labels) * strength + 40;
  pixels = pixels + torch::randn({n, channels, 16, 16}, generator) * 25;
  Dataset data;
  data.name = "stripes";
  data.split = "train";
  data.shape = SampleShape::image(channels, 16, 16);
  data.samples = pixels.clamp(0, 255).to(torch::kUInt8);
  data.labels = labels;
  data.class_names = {"upper", "left", "chequered"};
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

}  // namespace ganselect
