// The pictures of png_bytes.h as WebP, without loss.
#pragma once

#include <webp/encode.h>

#include <cstdint>
#include <string>

#include "tests/results/report/png_bytes.h"

namespace ganselect::test {

inline std::string webp_bytes(std::size_t width, std::size_t height) {
  const auto pixels = picture_pixels(width, height);
  std::uint8_t* out = nullptr;
  const std::size_t size =
      WebPEncodeLosslessRGB(pixels.data(), static_cast<int>(width), static_cast<int>(height),
                            static_cast<int>(3 * width), &out);
  std::string bytes(reinterpret_cast<const char*>(out), size);
  WebPFree(out);
  return bytes;
}

}  // namespace ganselect::test
