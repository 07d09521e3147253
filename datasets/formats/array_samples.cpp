#include "datasets/formats/array_samples.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kRowsAtATime = 4096;
constexpr const char* kSamples = "arr_0";
constexpr std::array<const char*, 6> kLabels = {"arr_1",   "labels",  "label",
                                                "targets", "classes", "y"};

bool is_label_name(const std::string& name) {
  return std::find(kLabels.begin(), kLabels.end(), name) != kLabels.end();
}

std::optional<ArrayLayout> layout_of(const NpyHeader& header) {
  try {
    return array_layout(header.type, header.shape, "");
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string names_of(const std::map<std::string, NpyHeader>& arrays) {
  std::vector<std::string> names;
  for (const auto& [name, header] : arrays) names.push_back(name);
  return names.empty() ? "an empty file" : join(names);
}

std::string samples_member(const std::map<std::string, NpyHeader>& arrays, const fs::path& file) {
  if (arrays.contains(kSamples)) return kSamples;
  std::vector<std::string> possible;
  for (const auto& [name, header] : arrays) {
    if (!is_label_name(name) && layout_of(header)) possible.push_back(name);
  }
  if (possible.size() == 1) return possible.front();
  fail(ErrorKind::kData, {.where = file.string(),
                          .expected = "an array arr_0, or one alone that can be samples",
                          .got = names_of(arrays)});
}

}  // namespace

StoredArray stored_samples(const fs::path& file) {
  StoredArray array{.file = file, .where = file.string()};
  if (to_lower(file.extension().string()) == ".npz") {
    const auto arrays = npz_headers(file);
    array.member = samples_member(arrays, file);
    array.where += ": " + array.member;
    for (const char* name : kLabels) {
      if (array.labels.empty() && arrays.contains(name)) array.labels = name;
    }
  }
  array.header = NpyRows(file, array.member).header();
  array.layout = array_layout(array.header.type, array.header.shape, array.where);
  if (array.header.shape.front() < 1)
    fail(ErrorKind::kData,
         {.where = array.where, .expected = "at least one sample", .got = "none"});
  return array;
}

const ValueRange& stored_range(const StoredArray& array, const std::string& asked) {
  const auto& range = value_ranges().at(asked);
  if (range.black != range.white) return range;
  if (array.header.type == torch::kUInt8) return value_ranges().at("0..255");
  if (array.header.type == torch::kBool) return value_ranges().at("0..1");
  ValueExtent extent;
  extent.where = array.where;
  NpyRows rows(array.file, array.member);
  for (auto part = rows.next(kRowsAtATime); part.defined(); part = rows.next(kRowsAtATime))
    extent.add(part);
  return range_of_values(extent);
}

NumberedClasses stored_labels(const StoredArray& array) {
  if (array.labels.empty()) return {};
  NpyRows rows(array.file, array.labels);
  const auto stored = rows.next(std::max<int64_t>(1, rows.size()));
  return number_classes(checked_labels(stored.defined() ? stored : torch::empty({0}, torch::kInt64),
                                       array.header.shape.front(),
                                       array.file.string() + ": " + array.labels));
}

std::vector<std::string> reading_notes(const StoredArray& array, const ValueRange* range,
                                       const NumberedClasses& classes) {
  std::vector<std::string> notes;
  if (array.layout.ambiguous) notes.push_back(ambiguous_axes_warning());
  if (!array.member.empty() && array.member != kSamples)
    notes.push_back("samples_member: the samples are the array " + array.member);
  if (!array.labels.empty() && array.labels != kLabels.front())
    notes.push_back("labels_member: the labels are the array " + array.labels);
  if (range != nullptr && array.header.type != torch::kUInt8)
    notes.push_back("value_range: values are read as " + range->name);
  if (classes.from_one)
    notes.push_back("labels_from_one: no label is 0, so classes are counted from 1");
  return notes;
}

}  // namespace ganselect
