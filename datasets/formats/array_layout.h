// What an array of samples holds, told by its type and shape; what its values mean; what its labels
// are.
//
// Shapes: N samples, C channels, H rows, W columns, D dimensions, K classes.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/named_table.h"

namespace ganselect {

enum class ArrayKind { kImagesLast, kImagesFirst, kImagesGrey, kPoints, kFeatures };

struct ArrayLayout {
  ArrayKind kind = ArrayKind::kFeatures;
  bool ambiguous = false;  // (N,3,W,3) and the like: read as (N,H,W,C)
  bool images() const { return kind != ArrayKind::kPoints && kind != ArrayKind::kFeatures; }
};

// Images: numbers (N,H,W,C) or (N,C,H,W) with 1, 3 or 4 channels, or grey ones (N,H,W); where both
// readings are possible the first one, the usual tools' own, holds. Points: floating (N,2). A
// floating (N,D) is taken for features. kData, naming `where`, for anything else.
ArrayLayout array_layout(torch::ScalarType type, const std::vector<int64_t>& shape,
                         const std::string& where);

// Images of that layout -> (N,C,H,W).
torch::Tensor channels_first(const torch::Tensor& images, const ArrayLayout& layout);

std::string ambiguous_axes_warning();  // as Dataset::warnings words it

// What black and white are in an array of images: a row of value_ranges().
struct ValueRange {
  std::string name;  // "auto", "0..255", "0..1", "-1..1"
  std::string explanation;
  double black = 0, white = 0;  // equal: to be told from the values
};
const NamedTable<ValueRange>& value_ranges();

// Least and largest of all values of an array, as far as they were looked at.
struct ValueExtent {
  double least = 0, most = 0;
  bool whole = true;  // an integer type
  bool any = false;
  void add(const torch::Tensor& values);  // kData for values that are not finite, naming `where`
  std::string where;
};

// The range that all values fit: 0..255, [0,1] or [-1,1]. kData, naming what was found, where none
// fits or several do: then the user has to say.
const ValueRange& range_of_values(const ValueExtent& extent);

// Values of that range -> uint8, same shape: [-1,1] as to_uint8 has it, others rounded to the
// nearest level. Values beyond black and white are clamped.
torch::Tensor values_to_pixels(const torch::Tensor& values, const ValueRange& range);

// Labels of `count` samples: whole numbers (N) or (N,1), or one-hot rows (N,K) -> int64 (N), 0 or
// greater. kData otherwise, and for a label that no sensible number of classes reaches.
torch::Tensor checked_labels(const torch::Tensor& array, int64_t count, const std::string& where);

// The classes that numbers name: "0" to the largest, or from "1" on where none is 0 and 1 is there
// (then the labels become the places in that list).
struct NumberedClasses {
  torch::Tensor labels;  // int64 (N)
  std::vector<std::string> names;
  bool from_one = false;
};
NumberedClasses number_classes(const torch::Tensor& labels);

}  // namespace ganselect
