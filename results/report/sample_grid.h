// A trial's sample grid made small enough for a page: cropped, never scaled, so that every pixel
// shown is one of the file's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ganselect {

struct GridSize {
  std::size_t width = 0, height = 0;  ///< pixels
  bool operator==(const GridSize&) const = default;
};

/// A picture for a page and what part of the original it shows.
struct SampleGrid {
  std::string bytes;
  std::string media;  ///< type of `bytes`: "image/png", "image/webp"
  GridSize stored;    ///< of `bytes`
  GridSize shown;     ///< the top left part of it that the page shows
  GridSize full;      ///< of the original
  bool cropped() const { return shown != full; }
};

/// Most pixels of a grid on a page: eight columns and four rows of 32 x 32 images with their
/// two-pixel gaps.
inline constexpr GridSize kMostShown = {274, 138};

/// The top left part of a PNG, at most `most`, as PNG in RGB. Throws Error kData, with `where` in
/// front, for bytes that are no PNG, are damaged, or hold more than 2^26 pixels.
SampleGrid png_grid(std::string_view png, GridSize most, const std::string& where);

/// The WebP as it is, a fraction of a PNG's size, of which `most` is to be shown. Decoded once, so
/// that a damaged one is refused here and not by the reader's browser. Errors as png_grid.
SampleGrid webp_grid(std::string_view webp, GridSize most, const std::string& where);

/// Either, by the first bytes. Errors as theirs; what is neither is refused as no PNG.
SampleGrid sample_grid(std::string_view bytes, GridSize most, const std::string& where);

}  // namespace ganselect
