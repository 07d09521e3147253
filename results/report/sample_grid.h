// A trial's sample grid made small enough for a page: cropped, never scaled, so that every pixel
// shown is one the generator made.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ganselect {

/// A PNG and what part of the original it is.
struct SampleGrid {
  std::string png;
  std::size_t width = 0, height = 0;            ///< of `png`, pixels
  std::size_t full_width = 0, full_height = 0;  ///< of the original
  bool cropped() const { return width < full_width || height < full_height; }
};

/// Most pixels of a grid on a page: eight columns and four rows of 32 x 32 images with their
/// two-pixel gaps.
inline constexpr std::size_t kGridWidth = 274;
inline constexpr std::size_t kGridHeight = 138;

/// The top left part of `png`, at most `width` x `height` pixels, as RGB. Throws Error kData, with
/// `where` in front, for bytes that are no PNG, are damaged, or hold more than 2^26 pixels.
SampleGrid crop_grid(std::string_view png, std::size_t width, std::size_t height,
                     const std::string& where);

}  // namespace ganselect
