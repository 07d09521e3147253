// Data sets in memory and settings small enough that every candidate trains in a blink.
#pragma once

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/torch/generators.h"
#include "datasets/dataset.h"
#include "harness/train/settings.h"
#include "harness/train/trainer.h"

namespace ganselect::test {

// 96 images of smooth random colour, 3x32x32.
inline Dataset tiny_images(std::uint64_t seed = 1) {
  auto generator = make_generator(seed);
  Dataset data{.name = "tiny-images", .split = "train", .shape = SampleShape::image(3, 32, 32)};
  const auto coarse = torch::rand({96, 3, 4, 4}, generator, torch::kFloat32);
  data.samples = torch::upsample_bilinear2d(coarse, {32, 32}, true).mul(255).to(torch::kUInt8);
  data.digest = content_digest(data.samples, {});
  return data;
}

// The same with three classes, each of which has most of one colour.
inline Dataset labelled_images(std::uint64_t seed = 1) {
  auto data = tiny_images(seed);
  data.name = "labelled-images";
  data.labels = torch::arange(data.size(), torch::kInt64).remainder(3);
  data.class_names = {"red", "green", "blue"};
  for (std::int64_t c = 0; c < 3; ++c) {
    for (std::int64_t n = c; n < data.size(); n += 3) {
      data.samples[n][c].copy_(data.samples[n][c].div(4, "floor").add(191));
    }
  }
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

// 512 points of a mixture of 8 Gaussians on the unit circle, sd 0.05.
inline Dataset tiny_ring(std::uint64_t seed = 2) {
  auto generator = make_generator(seed);
  Dataset data{.name = "tiny-ring", .split = "train", .shape = SampleShape::point()};
  const auto angle = torch::randint(0, 8, {512}, generator, torch::kFloat32) * (2 * M_PI / 8);
  data.samples = torch::stack({angle.cos(), angle.sin()}, 1) +
                 0.05 * torch::randn({512, 2}, generator, torch::kFloat32);
  data.digest = content_digest(data.samples, {});
  return data;
}

inline TrainSettings tiny_settings(const std::string& point) {
  return {.point = point,
          .dataset = "tiny",
          .seed = 5,
          .steps = 4,
          .width = 1.0 / 16,
          .threads = 1,
          .curve_interval = 2,
          .batch = 6};
}

// Names of the tensors that differ in any bit, "name: a missing" included; empty: the states are
// the same.
inline std::string differing_tensors(const TensorFile& a, const TensorFile& b) {
  std::string names;
  for (const auto& [name, tensor] : a.tensors) {
    const auto found = b.tensors.find(name);
    const bool same =
        found != b.tensors.end() && tensor.sizes() == found->second.sizes() &&
        tensor.scalar_type() == found->second.scalar_type() &&
        std::memcmp(tensor.contiguous().const_data_ptr(),
                    found->second.contiguous().const_data_ptr(), tensor.nbytes()) == 0;
    if (!same) names += name + " ";
  }
  for (const auto& [name, tensor] : b.tensors) {
    if (!a.tensors.contains(name)) names += name + " (extra) ";
  }
  return names;
}

inline void make_steps(Trainer& trainer, int steps) {
  for (int i = 0; i < steps; ++i) trainer.step();
}

}  // namespace ganselect::test
