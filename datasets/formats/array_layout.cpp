#include "datasets/formats/array_layout.h"

#include "base/error.h"

namespace ganselect {
namespace {

bool is_color_count(int64_t channels) { return channels == 1 || channels == 3; }

[[noreturn]] void refuse_layout(torch::ScalarType type, const std::vector<int64_t>& shape,
                                const std::string& where, bool floats) {
  std::string sizes;
  for (const auto length : shape) sizes += " " + std::to_string(length);
  fail(ErrorKind::kData,
       {.where = where,
        .expected = std::string("uint8") + (floats ? " or floating" : "") +
                    " images (N,H,W,C) or (N,C,H,W) with 1 or 3 channels, or points (N,2)" +
                    (floats ? ", or features (N,D)" : ""),
        .got = std::string(torch::toString(type)) + sizes});
}

}  // namespace

ArrayLayout array_layout(torch::ScalarType type, const std::vector<int64_t>& shape,
                         const std::string& where, bool floats) {
  const bool floating = torch::isFloatingType(type);
  if (floating && shape.size() == 2 && shape[1] == 2) return {ArrayKind::kPoints};
  if (floating && floats && shape.size() == 2 && shape[1] > 0) return {ArrayKind::kFeatures};
  const bool images = shape.size() == 4 && (type == torch::kUInt8 || (floating && floats));
  const bool last = images && is_color_count(shape[3]);
  const bool first = images && is_color_count(shape[1]);
  if (!last && !first) refuse_layout(type, shape, where, floats);
  return {last ? ArrayKind::kImagesLast : ArrayKind::kImagesFirst, last && first};
}

std::string ambiguous_axes_warning() {
  return "ambiguous_axes: the samples could be (N,H,W,C) or (N,C,H,W), read as (N,H,W,C)";
}

torch::Tensor checked_labels(const torch::Tensor& array, int64_t count, const std::string& where) {
  if (array.dim() != 1 || array.size(0) != count || array.is_floating_point() ||
      (count > 0 && array.to(torch::kInt64).min().item<int64_t>() < 0)) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = std::to_string(count) + " whole labels, 0 or greater",
                            .got = "another array"});
  }
  return array.to(torch::kInt64);
}

}  // namespace ganselect
