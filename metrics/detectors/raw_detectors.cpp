// The two detectors without a network: pixels as they are, and the coordinates of points.
#include <torch/torch.h>

#include "base/files.h"
#include "metrics/detectors/detector.h"

namespace ganselect {
namespace {

// Pixel space: what FID means without a learned feature, for comparison.
class PixelDetector : public Detector {
 public:
  explicit PixelDetector(torch::Device device) : device_(device) {}
  Detections detect(const torch::Tensor& images) override {
    if (images.dim() != 4 || images.scalar_type() != torch::kUInt8) {
      fail(ErrorKind::kData, {.where = "detector pixels",
                              .expected = "uint8 images (N,C,H,W)",
                              .got = std::string(c10::toString(images.scalar_type())) + " " +
                                     c10::str(images.sizes())});
    }
    return {.features = images.to(device_, torch::kFloat32).div(255).flatten(1)};
  }
  std::string name() const override { return "pixels"; }
  std::string digest() const override {
    return sha256_hex("pixels: uint8 / 255, channel by channel, row by row");
  }

 private:
  torch::Device device_;
};

class CoordinateDetector : public Detector {
 public:
  explicit CoordinateDetector(torch::Device device) : device_(device) {}
  Detections detect(const torch::Tensor& points) override {
    if (points.dim() != 2 || !points.is_floating_point()) {
      fail(ErrorKind::kData, {.where = "detector coordinates",
                              .expected = "floating points (N,D)",
                              .got = std::string(c10::toString(points.scalar_type())) + " " +
                                     c10::str(points.sizes())});
    }
    return {.features = points.to(device_, torch::kFloat32)};
  }
  std::string name() const override { return "coordinates"; }
  std::string digest() const override { return sha256_hex("coordinates: the points themselves"); }

 private:
  torch::Device device_;
};

}  // namespace

DetectorSpec pixels_detector() {
  return {.name = "pixels",
          .explanation = "no network: the pixels themselves, scaled to [0,1]",
          .load = [](torch::Device device) { return std::make_unique<PixelDetector>(device); }};
}

DetectorSpec coordinates_detector() {
  return {
      .name = "coordinates",
      .explanation = "no network: the coordinates of a point set",
      .load = [](torch::Device device) { return std::make_unique<CoordinateDetector>(device); }};
}

}  // namespace ganselect
