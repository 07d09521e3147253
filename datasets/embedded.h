// The embedded data set: coloured, textured shapes on a soft background, 32x32 RGB, drawn from a
// seed and known exactly. The class is the shape; five attributes are drawn independently and
// uniformly, so modes can be counted against the truth. Rotation, jitter of place and colour, and
// the background vary besides.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace ganselect {

// Columns of the factors, in this order.
enum EmbeddedFactor : int64_t {
  kShapeFactor,
  kColorFactor,
  kTextureFactor,
  kSizeFactor,
  kPlaceFactor,
  kEmbeddedFactors
};

// Names and levels: 10 shapes, 8 colours, 5 textures, 3 sizes, 9 places. `values` is undefined.
Factors embedded_factors();

// Draws one image a row of `values`, int64 (N,5), each in the range of its factor -> uint8
// (N,3,32,32). What the factors leave open comes from stream n of `stream` for row n: equal
// arguments give equal images. Throws kUsage for values out of range.
torch::Tensor draw_embedded(const torch::Tensor& values, std::uint64_t stream);

}  // namespace ganselect
