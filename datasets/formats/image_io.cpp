#include "datasets/formats/image_io.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/full.h>
#include <png.h>

#include <cstdio>
#include <cstdlib>
// jpeglib.h needs cstdio before it.
#include <jpeglib.h>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace {

constexpr int64_t kGridGap = 2;      // pixels between and around the images of a grid
constexpr int64_t kGridColor = 255;  // white

void check_pixels(const torch::Tensor& images, int64_t dimensions, const char* where,
                  bool alpha = true) {
  bool right = images.defined() && images.dim() == dimensions &&
               images.scalar_type() == torch::kUInt8 && images.numel() > 0;
  const auto channels = right ? images.size(dimensions - 3) : 0;
  right = channels == 1 || channels == 3 || (alpha && channels == 4);
  if (right) return;
  std::string got = "an undefined tensor";
  if (images.defined()) {
    got = torch::toString(images.scalar_type());
    for (const auto length : images.sizes()) got += " " + std::to_string(length);
  }
  fail(ErrorKind::kFailed, {.where = where,
                            .expected = std::string("uint8 images (..,C,H,W) with 1") +
                                        (alpha ? ", 3 or 4" : " or 3") + " channels",
                            .got = got});
}

}  // namespace

std::string encode_png(const torch::Tensor& image) {
  check_pixels(image, 3, "write PNG");
  const auto rows = image.to(torch::kCPU).permute({1, 2, 0}).contiguous();
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.size(2));
  png.height = static_cast<png_uint_32>(image.size(1));
  png.format = image.size(0) == 1   ? PNG_FORMAT_GRAY
               : image.size(0) == 3 ? PNG_FORMAT_RGB
                                    : PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, rows.data_ptr(), 0, nullptr) == 0) {
    fail(ErrorKind::kFailed,
         {.where = "write PNG", .expected = "to encode the image", .got = png.message});
  }
  bytes.resize(size);
  return bytes;
}

std::string encode_jpeg(const torch::Tensor& image, int quality) {
  check_pixels(image, 3, "write JPEG", /*alpha=*/false);
  // libjpeg's own way to refuse is to end the process.
  if (quality < 1 || quality > 100 || image.size(1) > JPEG_MAX_DIMENSION ||
      image.size(2) > JPEG_MAX_DIMENSION) {
    fail(ErrorKind::kUsage,
         {.where = "write JPEG",
          .expected = "quality 1 to 100 and sides to " + std::to_string(JPEG_MAX_DIMENSION),
          .got = std::to_string(quality) + " and " + c10::str(image.sizes())});
  }
  const auto rows = image.to(torch::kCPU).permute({1, 2, 0}).contiguous();
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.size(2));
  jpeg.image_height = static_cast<JDIMENSION>(image.size(1));
  jpeg.input_components = static_cast<int>(image.size(0));
  jpeg.in_color_space = image.size(0) == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  const int64_t stride = image.size(2) * image.size(0);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = rows.data_ptr<unsigned char>() + jpeg.next_scanline * stride;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string encoded(reinterpret_cast<const char*>(bytes), size);
  jpeg_destroy_compress(&jpeg);
  std::free(bytes);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg allocates by malloc
  return encoded;
}

void write_png(const std::filesystem::path& path, const torch::Tensor& image) {
  write_file_atomically(path, encode_png(image));
}

torch::Tensor make_grid(const torch::Tensor& images, int64_t columns) {
  check_pixels(images, 4, "image grid");
  if (columns < 1) {
    fail(
        ErrorKind::kUsage,
        {.where = "image grid", .expected = "at least one column", .got = std::to_string(columns)});
  }
  const auto count = images.size(0), channels = images.size(1), height = images.size(2),
             width = images.size(3);
  const auto rows = (count + columns - 1) / columns;
  auto grid = at::full(
      {channels, rows * (height + kGridGap) + kGridGap, columns * (width + kGridGap) + kGridGap},
      kGridColor, images.options());
  for (int64_t n = 0; n < count; ++n) {
    const auto top = kGridGap + n / columns * (height + kGridGap);
    const auto left = kGridGap + n % columns * (width + kGridGap);
    grid.narrow(1, top, height).narrow(2, left, width).copy_(images[n]);
  }
  return grid;
}

void write_grid_png(const std::filesystem::path& path, const torch::Tensor& images,
                    int64_t columns) {
  write_png(path, make_grid(images, columns));
}

torch::Tensor resize_image(const torch::Tensor& image, int64_t height, int64_t width) {
  check_pixels(image, 3, "resize");
  if (image.size(1) == height && image.size(2) == width) return image;
  const auto resized =
      at::_upsample_bicubic2d_aa(image.unsqueeze(0).to(torch::kFloat32), {height, width},
                                 /*align_corners=*/false);
  return resized.squeeze(0).round().clamp(0, 255).to(torch::kUInt8);
}

}  // namespace ganselect
