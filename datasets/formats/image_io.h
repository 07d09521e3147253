// Image files: PNG and JPEG written and read; WebP read.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace ganselect {

struct DecodedImage {
  torch::Tensor pixels;  // uint8 (3,H,W); grey is repeated, alpha is dropped, 16 bits are cut to 8
  bool lossy = false;    // JPEG, or WebP with lossy compression
  bool grey = false;     // the file holds one channel: all three of `pixels` are equal
};

// `bytes` is a whole PNG, JPEG or WebP file, told apart by its first bytes; `where` names it in
// errors (kData).
DecodedImage decode_image(std::string_view bytes, const std::string& where);
// pixels of decode_image(the file). Throws kData.
torch::Tensor read_image(const std::filesystem::path& path);

// uint8 (C,H,W), C = 1 (grey) or 3 (RGB), any device -> the bytes of a PNG file.
std::string encode_png(const torch::Tensor& image);
// The same as JPEG (4:2:0 where it is RGB), quality 1 to 100 (kUsage otherwise).
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
