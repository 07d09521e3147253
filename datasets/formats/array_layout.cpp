#include "datasets/formats/array_layout.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "base/torch/finite.h"
#include "datasets/formats/pixels.h"

namespace ganselect {
namespace {

constexpr double kRangeSlack = 1e-3;       // rounding of whoever scaled the images
constexpr double kClearlyNegative = -0.1;  // no rounding or resizing of [0,1] reaches this
constexpr double kClearlyAboveOne = 2;     // nor this
constexpr int64_t kMostClasses = 100000;   // beyond it a label is taken for damage

bool is_channel_count(int64_t channels) { return channels == 1 || channels == 3 || channels == 4; }

[[noreturn]] void refuse_layout(torch::ScalarType type, const std::vector<int64_t>& shape,
                                const std::string& where) {
  std::string sizes;
  for (const auto length : shape) sizes += " " + std::to_string(length);
  fail(ErrorKind::kData,
       {.where = where,
        .expected = "images (N,H,W,C) or (N,C,H,W) with 1, 3 or 4 channels, or (N,H,W), points "
                    "(N,2) or features (N,D)",
        .got = std::string(torch::toString(type)) + sizes});
}

std::string rounded(double value) { return shortest(std::round(value * 1e4) / 1e4); }

[[noreturn]] void refuse_range(const ValueExtent& extent, const std::string& why) {
  fail(ErrorKind::kData,
       {.where = extent.where,
        .expected = "images whose values fill [-1,1], [0,1] or 0 to 255",
        .got = "values from " + rounded(extent.least) + " to " + rounded(extent.most) + why,
        .hint = "--values says which they are: " + join(value_ranges().names())});
}

// One-hot rows (N,K) -> their ones' places; undefined for other rows.
torch::Tensor places_of_ones(const torch::Tensor& rows) {
  const auto values = rows.to(torch::kFloat64);
  const bool one_hot =
      (values.eq(0) | values.eq(1)).all().item<bool>() && values.sum(1).eq(1).all().item<bool>();
  return one_hot ? values.argmax(1) : torch::Tensor();
}

}  // namespace

ArrayLayout array_layout(torch::ScalarType type, const std::vector<int64_t>& shape,
                         const std::string& where) {
  const bool floating = torch::isFloatingType(type);
  if (floating && shape.size() == 2 && shape[1] == 2) return {ArrayKind::kPoints};
  if (floating && shape.size() == 2 && shape[1] > 0) return {ArrayKind::kFeatures};
  if (shape.size() == 3 && shape[1] > 0 && shape[2] > 0) return {ArrayKind::kImagesGrey};
  const bool last = shape.size() == 4 && is_channel_count(shape[3]);
  const bool first = shape.size() == 4 && is_channel_count(shape[1]);
  if (!last && !first) refuse_layout(type, shape, where);
  return {last ? ArrayKind::kImagesLast : ArrayKind::kImagesFirst, last && first};
}

torch::Tensor channels_first(const torch::Tensor& images, const ArrayLayout& layout) {
  if (layout.kind == ArrayKind::kImagesGrey) return images.unsqueeze(1);
  return layout.kind == ArrayKind::kImagesLast ? images.permute({0, 3, 1, 2}) : images;
}

std::string ambiguous_axes_warning() {
  return "ambiguous_axes: the samples could be (N,H,W,C) or (N,C,H,W), read as (N,H,W,C)";
}

const NamedTable<ValueRange>& value_ranges() {
  static const NamedTable<ValueRange> table(
      "values", {{.name = "auto", .explanation = "told from all of them"},
                 {.name = "0..255", .explanation = "levels of 8 bits", .black = 0, .white = 255},
                 {.name = "0..1", .explanation = "shares of white", .black = 0, .white = 1},
                 {.name = "-1..1", .explanation = "what networks give", .black = -1, .white = 1}});
  return table;
}

void ValueExtent::add(const torch::Tensor& values) {
  if (values.numel() == 0) return;
  whole = whole && !values.is_floating_point();
  const auto numbers =
      values.is_floating_point() ? values.to(torch::kFloat64) : values.to(torch::kInt64);
  if (!all_finite(numbers)) {
    fail(ErrorKind::kData, {.where = where, .expected = "finite pixels", .got = "NaN or infinity"});
  }
  const double low = numbers.min().item<double>(), high = numbers.max().item<double>();
  least = any ? std::min(least, low) : low;
  most = any ? std::max(most, high) : high;
  any = true;
}

const ValueRange& range_of_values(const ValueExtent& extent) {
  const auto& ranges = value_ranges();
  const double least = extent.least, most = extent.most;
  if (extent.whole) {
    if (least < 0 || most > 255) refuse_range(extent, "");
    if (most == 1) refuse_range(extent, ", which could be levels or shares");
    return ranges.at("0..255");
  }
  if (least < kClearlyNegative) {
    if (least < -1 - kRangeSlack || most > 1 + kRangeSlack) refuse_range(extent, "");
    return ranges.at("-1..1");
  }
  if (least < -kRangeSlack) refuse_range(extent, ", which fit none closely");
  if (most <= 1 + kRangeSlack) return ranges.at("0..1");
  if (most < kClearlyAboveOne) refuse_range(extent, ", which fit none closely");
  if (most > 255 + kRangeSlack) refuse_range(extent, "");
  return ranges.at("0..255");
}

torch::Tensor values_to_pixels(const torch::Tensor& values, const ValueRange& range) {
  if (values.scalar_type() == torch::kUInt8 && range.white == 255) return values;
  if (range.black < 0) return to_uint8(values);
  return values.to(torch::kFloat64).mul(255 / range.white).round().clamp(0, 255).to(torch::kUInt8);
}

torch::Tensor checked_labels(const torch::Tensor& array, int64_t count, const std::string& where) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    fail(ErrorKind::kData, {.where = where, .expected = expected, .got = got});
  };
  const bool rows = array.dim() == 2 && array.size(0) == count && array.size(1) > 1;
  auto labels = array.dim() == 2 && array.size(1) == 1 ? array.squeeze(1) : array;
  if (rows) labels = places_of_ones(array);
  if (!labels.defined()) refuse("labels (N), or one-hot rows (N,K)", "rows of other values");
  if (labels.dim() != 1 || labels.size(0) != count || labels.is_floating_point() ||
      (count > 0 && labels.to(torch::kInt64).min().item<int64_t>() < 0)) {
    refuse(std::to_string(count) + " whole labels, 0 or greater", "another array");
  }
  labels = labels.to(torch::kInt64);
  const auto largest = count > 0 ? labels.max().item<int64_t>() : 0;
  if (largest >= kMostClasses) {
    refuse(fmt::format("labels below {}", kMostClasses), std::to_string(largest));
  }
  return labels;
}

NumberedClasses number_classes(const torch::Tensor& labels) {
  NumberedClasses classes{.labels = labels};
  if (labels.size(0) == 0) return classes;
  classes.from_one = labels.min().item<int64_t>() == 1;
  const int64_t first = classes.from_one ? 1 : 0;
  const auto last = labels.max().item<int64_t>();
  for (int64_t k = first; k <= last; ++k) classes.names.push_back(std::to_string(k));
  classes.labels = labels - first;
  return classes;
}

}  // namespace ganselect
