// Fuzz targets of the image files: PNG, JPEG, WebP, TIFF, BMP, IDX.
#pragma once

#include "datasets/formats/idx.h"
#include "datasets/formats/image_io.h"
#include "tests/datasets/formats/image_fixtures.h"
#include "tests/fuzz/targets.h"

namespace ganselect::fuzz {

inline void read_picture(std::string_view bytes) {
  expect_value_or_error([&] {
    const auto image = decode_image(bytes, "fuzz");
    const auto& facts = image.facts;
    require(image.pixels.sizes() ==
            torch::IntArrayRef({facts.channels, facts.height, facts.width}));
    require(image.pixels.numel() > 0);
  });
}

inline void read_idx(std::string_view bytes) {
  expect_value_or_error([&] {
    const auto array = parse_idx(bytes, "fuzz");
    require(static_cast<std::size_t>(array.numel()) + 4 + 4 * array.dim() == bytes.size());
  });
}

inline Target image_target() {
  return {"image",
          {test::from_hex(test::kJpegHex), test::from_hex(test::kLosslessWebpHex),
           test::from_hex(test::kLossyWebpHex), test::from_hex(test::kRgbaPngHex),
           test::from_hex(test::kGrey16PngHex), test::from_hex(test::kPalettePngHex),
           test::from_hex(test::kTiffHex), test::from_hex(test::kGrey16TiffHex),
           test::from_hex(test::kBmpHex), test::from_hex(test::kTurnedPngHex),
           test::from_hex(test::kTurnedWebpHex), test::from_hex(test::kCmykJpegHex)},
          read_picture};
}

inline Target idx_target() {
  const auto header = [](std::string_view shape) {
    return std::string("\0\0\x08", 3) + std::string(shape);
  };
  return {"idx",
          {header(std::string_view("\x01\0\0\0\x03", 5)) + "abc",
           header(std::string_view("\x03\0\0\0\x01\0\0\0\x02\0\0\0\x02", 13)) + "abcd"},
          read_idx};
}

}  // namespace ganselect::fuzz
