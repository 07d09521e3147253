// What an array of samples holds, told by its type and shape.
//
// Shapes: N samples, C channels, H rows, W columns, D dimensions.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ganselect {

enum class ArrayKind { kImagesLast, kImagesFirst, kPoints, kFeatures };

struct ArrayLayout {
  ArrayKind kind = ArrayKind::kFeatures;
  bool ambiguous = false;  // (N,3,W,3) and the like: read as (N,H,W,C)
};

// Images: uint8 (N,H,W,C) or (N,C,H,W) with 1 or 3 channels; where both readings are possible the
// first one, the usual tools' own, holds. Points: floating (N,2). With `floats`, images may be
// floating too, and a floating (N,D) is taken for features. kData, naming `where`, for anything
// else.
ArrayLayout array_layout(torch::ScalarType type, const std::vector<int64_t>& shape,
                         const std::string& where, bool floats);

std::string ambiguous_axes_warning();  // as Dataset::warnings words it

// Whole labels (count), 0 or greater, as int64; kData otherwise.
torch::Tensor checked_labels(const torch::Tensor& array, int64_t count, const std::string& where);

}  // namespace ganselect
