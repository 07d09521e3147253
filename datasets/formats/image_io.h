// Image files: PNG, JPEG, WebP, TIFF and BMP read; PNG and JPEG written.
//
// Shapes: N images, C channels, H rows, W columns.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace ganselect {

// What a file says of its image.
struct ImageFacts {
  std::string format;             // "PNG", "JPEG", "WebP", "TIFF", "BMP"
  int64_t width = 0, height = 0;  // as it is looked at: after the turn that its EXIF tells
  int64_t channels = 3;           // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  int bits = 8;                   // a channel: 8 or 16; fewer than 8 are spread over 8
  bool lossy = false;             // JPEG, or WebP or TIFF with lossy compression
  bool turned = false;            // EXIF tells a turn or a mirroring, which is applied
  bool cmyk = false;              // stored as inks or Lab, given as RGB
  bool alpha() const { return channels == 2 || channels == 4; }
  bool grey() const { return channels < 3; }
};

struct DecodedImage {
  ImageFacts facts;
  torch::Tensor pixels;  // (C,H,W) of facts.channels: uint8, or int32 0..65535 where bits is 16
};

// `bytes` is a whole image file, told apart by its first bytes; `where` names it in errors (kData).
// Nothing is lost: channels, depth and alpha come as they are stored, palettes as their colors.
DecodedImage decode_image(std::string_view bytes, const std::string& where);
// The facts alone, without decoding the pixels.
ImageFacts image_facts(std::string_view bytes, const std::string& where);
DecodedImage read_image(const std::filesystem::path& path);

// The endings that image files go by: ".png", ...
bool has_image_ending(const std::filesystem::path& path);
// "PNG, JPEG, WebP, TIFF or BMP", for messages.
std::string image_formats_text();

// uint8 (C,H,W), C = 1 (grey), 3 (RGB) or 4 (RGB and alpha), any device -> the bytes of a PNG file.
std::string encode_png(const torch::Tensor& image);
// C = 1 or 3 as JPEG (4:2:0 where it is RGB), quality 1 to 100 (kUsage otherwise).
std::string encode_jpeg(const torch::Tensor& image, int quality);
// The same into a file, atomically.
void write_png(const std::filesystem::path& path, const torch::Tensor& image);

// uint8 (N,C,H,W) -> uint8 (C, rows*(H+2)+2, columns*(W+2)+2): row by row, two pixels of white
// between and around.
torch::Tensor make_grid(const torch::Tensor& images, int64_t columns);
// make_grid as a PNG file; N >= 1, columns >= 1.
void write_grid_png(const std::filesystem::path& path, const torch::Tensor& images,
                    int64_t columns);

// Anti-aliased bicubic resize: uint8 (C,H,W) -> uint8 (C,height,width), rounded, clamped to
// [0,255].
torch::Tensor resize_image(const torch::Tensor& image, int64_t height, int64_t width);

}  // namespace ganselect
