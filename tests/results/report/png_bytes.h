// Small pictures for tests: no two rows or columns of one are alike.
#pragma once

#include <png.h>

#include <string>
#include <vector>

namespace ganselect::test {

/// Red counts columns, green rows (both mod 251), blue is 7.
inline std::vector<png_byte> picture_pixels(std::size_t width, std::size_t height) {
  std::vector<png_byte> pixels;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      pixels.push_back(static_cast<png_byte>(x % 251));
      pixels.push_back(static_cast<png_byte>(y % 251));
      pixels.push_back(7);
    }
  }
  return pixels;
}

/// The picture as a PNG.
inline std::string png_bytes(std::size_t width, std::size_t height) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  const auto pixels = picture_pixels(width, height);
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr);
  std::string bytes(size, '\0');
  png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr);
  bytes.resize(size);
  return bytes;
}

/// Its pixels as RGB, row by row; empty for what is no PNG.
inline std::vector<png_byte> png_pixels(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) return {};
  image.format = PNG_FORMAT_RGB;
  std::vector<png_byte> pixels(PNG_IMAGE_SIZE(image));
  if (!png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr)) return {};
  return pixels;
}

}  // namespace ganselect::test
