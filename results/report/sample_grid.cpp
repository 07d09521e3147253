#include "results/report/sample_grid.h"

#include <png.h>
#include <webp/decode.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr std::size_t kMostPixels = std::size_t{1} << 26;  // 200 MB decoded; a grid has 75,000
constexpr std::size_t kChannels = 3;

[[noreturn]] void fail_grid(const std::string& where, const std::string& got,
                            const std::string& format = "PNG") {
  fail(ErrorKind::kData, {.where = where, .expected = "a sample grid as " + format, .got = got});
}

GridSize at_most(GridSize full, GridSize most) {
  return {std::min(full.width, most.width), std::min(full.height, most.height)};
}

void check_size(GridSize full, const std::string& where, const std::string& format) {
  if (full.width * full.height > kMostPixels)
    fail_grid(where, std::to_string(full.width) + " x " + std::to_string(full.height) + " pixels",
              format);
}

const auto* webp_bytes(std::string_view webp) {
  return reinterpret_cast<const std::uint8_t*>(webp.data());
}

// libpng's simplified interface keeps its state here until it is freed.
struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

std::string encode_rgb(const std::vector<png_byte>& pixels, GridSize size,
                       const std::string& where) {
  PngImage out;
  out.image.width = static_cast<png_uint_32>(size.width);
  out.image.height = static_cast<png_uint_32>(size.height);
  out.image.format = PNG_FORMAT_RGB;
  png_alloc_size_t count = 0;
  if (!png_image_write_to_memory(&out.image, nullptr, &count, 0, pixels.data(), 0, nullptr))
    fail_grid(where, out.image.message);
  std::string png(count, '\0');
  if (!png_image_write_to_memory(&out.image, png.data(), &count, 0, pixels.data(), 0, nullptr))
    fail_grid(where, out.image.message);
  png.resize(count);
  return png;
}

}  // namespace

SampleGrid png_grid(std::string_view png, GridSize most, const std::string& where) {
  PngImage in;
  if (!png_image_begin_read_from_memory(&in.image, png.data(), png.size()))
    fail_grid(where, in.image.message);
  const GridSize full = {in.image.width, in.image.height};
  check_size(full, where, "PNG");
  in.image.format = PNG_FORMAT_RGB;
  std::vector<png_byte> pixels(PNG_IMAGE_SIZE(in.image));
  const png_color white = {255, 255, 255};  // under whatever is transparent
  if (!png_image_finish_read(&in.image, &white, pixels.data(), 0, nullptr))
    fail_grid(where, in.image.message);
  const GridSize shown = at_most(full, most);
  std::vector<png_byte> kept;
  kept.reserve(shown.width * shown.height * kChannels);
  for (std::size_t y = 0; y < shown.height; ++y) {
    const auto row = pixels.begin() + static_cast<std::ptrdiff_t>(y * full.width * kChannels);
    kept.insert(kept.end(), row, row + static_cast<std::ptrdiff_t>(shown.width * kChannels));
  }
  return {encode_rgb(kept, shown, where), "image/png", shown, shown, full};
}

SampleGrid webp_grid(std::string_view webp, GridSize most, const std::string& where) {
  int width = 0, height = 0;
  if (!WebPGetInfo(webp_bytes(webp), webp.size(), &width, &height))
    fail_grid(where, "no WebP header", "WebP");
  const GridSize full = {static_cast<std::size_t>(width), static_cast<std::size_t>(height)};
  check_size(full, where, "WebP");
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> pixels(
      WebPDecodeRGB(webp_bytes(webp), webp.size(), &width, &height), &WebPFree);
  if (!pixels) fail_grid(where, "a damaged or animated one", "WebP");
  return {std::string(webp), "image/webp", full, at_most(full, most), full};
}

SampleGrid sample_grid(std::string_view bytes, GridSize most, const std::string& where) {
  const bool webp = bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP");
  return webp ? webp_grid(bytes, most, where) : png_grid(bytes, most, where);
}

}  // namespace ganselect
