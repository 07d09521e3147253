// The shape of one sample: an image, or a point of the plane.
#pragma once

#include <cstdint>
#include <string>

namespace ganselect {

struct SampleShape {
  bool points = false;  // true: two-dimensional points, and the three fields below are 2, 1, 1
  std::int64_t channels = 3, height = 32, width = 32;

  static SampleShape image(std::int64_t channels, std::int64_t height, std::int64_t width) {
    return {false, channels, height, width};
  }
  static SampleShape point() { return {true, 2, 1, 1}; }
  std::int64_t size() const { return channels * height * width; }  // numbers in one sample
  bool operator==(const SampleShape&) const = default;
};

inline std::string to_string(const SampleShape& shape) {
  if (shape.points) return "2-d points";
  return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
         std::to_string(shape.width);
}

}  // namespace ganselect
