#include "results/report/sample_grid.h"

#include <png.h>

#include <algorithm>
#include <vector>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr std::size_t kMostPixels = std::size_t{1} << 26;  // 200 MB decoded; a grid has 75,000
constexpr std::size_t kChannels = 3;

[[noreturn]] void fail_grid(const std::string& where, const std::string& got) {
  fail(ErrorKind::kData, {.where = where, .expected = "a sample grid as PNG", .got = got});
}

// libpng's simplified interface keeps its state here until it is freed.
struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

std::string encode_rgb(const std::vector<png_byte>& pixels, std::size_t width, std::size_t height,
                       const std::string& where) {
  PngImage out;
  out.image.width = static_cast<png_uint_32>(width);
  out.image.height = static_cast<png_uint_32>(height);
  out.image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  if (!png_image_write_to_memory(&out.image, nullptr, &size, 0, pixels.data(), 0, nullptr))
    fail_grid(where, out.image.message);
  std::string png(size, '\0');
  if (!png_image_write_to_memory(&out.image, png.data(), &size, 0, pixels.data(), 0, nullptr))
    fail_grid(where, out.image.message);
  png.resize(size);
  return png;
}

}  // namespace

SampleGrid crop_grid(std::string_view png, std::size_t width, std::size_t height,
                     const std::string& where) {
  PngImage in;
  if (!png_image_begin_read_from_memory(&in.image, png.data(), png.size()))
    fail_grid(where, in.image.message);
  SampleGrid grid;
  grid.full_width = in.image.width;
  grid.full_height = in.image.height;
  if (grid.full_width * grid.full_height > kMostPixels)
    fail_grid(where, std::to_string(grid.full_width) + " x " + std::to_string(grid.full_height) +
                         " pixels");
  in.image.format = PNG_FORMAT_RGB;
  std::vector<png_byte> pixels(PNG_IMAGE_SIZE(in.image));
  const png_color white = {255, 255, 255};  // under whatever is transparent
  if (!png_image_finish_read(&in.image, &white, pixels.data(), 0, nullptr))
    fail_grid(where, in.image.message);
  grid.width = std::min(width, grid.full_width);
  grid.height = std::min(height, grid.full_height);
  std::vector<png_byte> kept;
  kept.reserve(grid.width * grid.height * kChannels);
  for (std::size_t y = 0; y < grid.height; ++y) {
    const auto row = pixels.begin() + static_cast<std::ptrdiff_t>(y * grid.full_width * kChannels);
    kept.insert(kept.end(), row, row + static_cast<std::ptrdiff_t>(grid.width * kChannels));
  }
  grid.png = encode_rgb(kept, grid.width, grid.height, where);
  return grid;
}

}  // namespace ganselect
