// Random views of images for a self-supervised embedding: crops, mirror images and changes of
// colour (Chen et al. 2020, arXiv:2002.05709, appendix A, as for CIFAR-10: without blur).
//
// Shapes: N images, C channels, H rows, W columns.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include "base/settings_io.h"
#include "datasets/dataset.h"

namespace ganselect {

struct ViewSettings {
  double least_area = 0.2;  // of a crop, share of the image; its area is uniform up to 1. 1: none
  bool mirror = true;       // left and right exchanged with probability 1/2
  double jitter = 0.5;  // strength s of the changes of colour, made with probability 0.8. 0: none
  double grey = 0.2;    // share of the images that lose their colour
};

// pixels: uint8 or floating (N,C,H,W), 0..255 -> float32, same shape, 0..255. In order:
//   crop: area uniform in [least_area,1], aspect ratio log-uniform in [3/4,4/3], resized to (H,W)
//     by bilinear interpolation of the uncovered part (no other pixel enters but by reflection);
//   mirror;
//   colour: contrast about the image's mean grey level and brightness times factors uniform in
//     [1-0.8s,1+0.8s] (Howard 2013), and for three channels saturation by such a factor and a turn
//     of the hue by an angle uniform in 2 pi [-0.2s,0.2s], in the YIQ plane; then clamped. The
//     paper changes them in random order.
//   grey: luminance in all channels (three channels only).
torch::Tensor random_view(const torch::Tensor& pixels, const ViewSettings& settings,
                          torch::Generator generator);

// Pairs of views, every image once an epoch.
class ViewBatches {
 public:
  // Images, with or without labels; `generator` (CPU) drives order and views. kData for points or
  // an empty set.
  ViewBatches(const Dataset& data, const ViewSettings& settings, torch::Generator generator);

  void start_epoch();  // draws a new order
  // Two views of the next n images, float32 (2n,C,H,W): the first of each, then the second of
  // each in the same order; nothing when fewer than n are left.
  std::optional<torch::Tensor> next(int64_t n);

  int64_t size() const { return images_.size(0); }

 private:
  torch::Tensor images_;
  ViewSettings settings_;
  torch::Generator generator_;
  torch::Tensor order_;
  int64_t position_ = 0;
};

template <class V>
void describe(V& v, ViewSettings& s) {
  v.field("least_area", s.least_area, "of a crop, share of the image; 1: no crops",
          between(0.01, 1));
  v.field("mirror", s.mirror, "left and right exchanged at random");
  v.field("jitter", s.jitter, "strength of the changes of colour, 0: none", between(0, 1));
  v.field("grey", s.grey, "share of images that lose their colour", between(0, 1));
}

}  // namespace ganselect
