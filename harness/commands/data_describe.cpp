#include "harness/commands/data_describe.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "datasets/copies.h"
#include "datasets/folder_parts.h"
#include "datasets/formats/image_reader.h"
#include "datasets/table.h"
#include "harness/cli/output.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kGridImages = 64;
constexpr std::int64_t kGridColumns = 8;
constexpr std::size_t kSizesShown = 5;
constexpr std::size_t kLabelWidth = 11;

Json files_of(const fs::path& root) {
  const auto parts = folder_parts(root);
  const auto survey = survey_images(root, parts.listing.names, /*pixels=*/true);
  Json sizes = Json::array();
  for (const auto& [size, count] : survey.sizes)
    sizes.push_back({{"width", size.first}, {"height", size.second}, {"images", count}});
  std::sort(sizes.begin(), sizes.end(), [](const Json& a, const Json& b) {
    return a.at("images").get<std::int64_t>() > b.at("images").get<std::int64_t>();
  });
  Json damaged = Json::array();
  for (const auto& [name, problem] : survey.damaged)
    damaged.push_back({{"file", name}, {"problem", problem}});
  const auto skipped = skipped_warning(parts.listing);
  return {
      {"images", survey.images},   {"divided", parts.divided},
      {"formats", survey.formats}, {"sizes", sizes},
      {"grey", survey.grey},       {"alpha", survey.alpha},
      {"bits16", survey.deep},     {"turned", survey.turned},
      {"inks", survey.cmyk},       {"lossy", survey.lossy},
      {"damaged", damaged},        {"skipped", skipped.empty() ? Json(nullptr) : Json(skipped)}};
}

Json classes_of(const Dataset& data) {
  if (!data.labels.defined()) return nullptr;
  const auto counts = data.labels.bincount({}, static_cast<std::int64_t>(data.class_names.size()));
  Json classes = Json::array();
  for (std::size_t k = 0; k < data.class_names.size(); ++k)
    classes.push_back({{"name", data.class_names[k]},
                       {"samples", counts[static_cast<std::int64_t>(k)].item<std::int64_t>()}});
  return classes;
}

Json split_of(const Dataset& data) {
  return {{"samples", data.size()},
          {"shape", to_string(data.shape)},
          {"classes", classes_of(data)},
          {"repeated", exact_copies(data.samples)}};
}

void write_some(const Dataset& data, const fs::path& grid) {
  if (grid.empty() || data.shape.points) return;
  const auto rows = drawn_rows(data.size(), data.labels, {.count = kGridImages});
  write_grid_png(grid, data.samples.index_select(0, rows), kGridColumns);
}

std::string counted(std::int64_t count, const std::string& what) {
  return count == 0 ? "" : fmt::format("{} {}", count, what);
}

std::string sizes_text(const Json& sizes) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(sizes.size(), kSizesShown); ++i)
    parts.push_back(fmt::format("{}x{} ({})", sizes[i].at("width").get<std::int64_t>(),
                                sizes[i].at("height").get<std::int64_t>(),
                                sizes[i].at("images").get<std::int64_t>()));
  if (sizes.size() > kSizesShown)
    parts.push_back(fmt::format("{} other sizes", sizes.size() - kSizesShown));
  return join(parts);
}

void add_files(const Json& files, TextRows& rows) {
  std::vector<std::string> formats;
  for (const auto& [format, count] : files.at("formats").items())
    formats.push_back(fmt::format("{} {}", count.get<std::int64_t>(), format));
  rows.push_back({"files", join(formats)});
  rows.push_back({"sizes", sizes_text(files.at("sizes"))});
  std::vector<std::string> kinds;
  for (const auto& [key, what] : {std::pair("grey", "grey"),
                                  {"alpha", "with alpha"},
                                  {"bits16", "of 16 bits"},
                                  {"turned", "turned by EXIF"},
                                  {"inks", "of inks (CMYK)"},
                                  {"lossy", "lossy"}}) {
    const auto text = counted(files.at(key).get<std::int64_t>(), what);
    if (!text.empty()) kinds.push_back(text);
  }
  rows.push_back({"kinds", kinds.empty() ? "RGB of 8 bits" : join(kinds)});
  for (const auto& damaged : files.at("damaged"))
    rows.push_back({"damaged", damaged.at("problem").get<std::string>()});
}

std::string split_text(const Json& split) {
  std::string text = fmt::format("{} samples of {}", split.at("samples").get<std::int64_t>(),
                                 split.at("shape").get<std::string>());
  const auto repeated = split.at("repeated").get<std::int64_t>();
  if (repeated > 0) text += fmt::format(", {} repeated exactly", repeated);
  return text;
}

std::string classes_text(const Json& classes) {
  constexpr std::size_t kMostShown = 12;
  if (classes.is_null()) return "none";
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < std::min(classes.size(), kMostShown); ++k)
    parts.push_back(fmt::format("{} ({})", classes[k].at("name").get<std::string>(),
                                classes[k].at("samples").get<std::int64_t>()));
  if (classes.size() > kMostShown)
    parts.push_back(fmt::format("{} more", classes.size() - kMostShown));
  return join(parts);
}

}  // namespace

Json describe_dataset(const std::string& name, const fs::path& data_dir, const fs::path& grid) {
  const auto reference = parse_dataset_name(name);
  Json description = {{"name", dataset_name(reference)},
                      {"files", nullptr},
                      {"loads", Json::object()},
                      {"problem", nullptr},
                      {"notes", Json::array()}};
  const bool folder = reference.spec == &dataset_table().at("folder");
  if (folder) description["files"] = files_of(reference.argument);
  try {
    const auto train = load_dataset(name, {.data_dir = data_dir});
    description["loads"]["train"] = split_of(train);
    description["notes"] = train.warnings;
    write_some(train, grid);
    const LoadSettings test{.data_dir = data_dir, .split = "test"};
    if (has_split(name, test)) description["loads"]["test"] = split_of(load_dataset(name, test));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData || !folder) throw;
    description["problem"] = error.what();
  }
  return description;
}

std::string description_text(const Json& description) {
  TextRows rows;
  const auto& files = description.at("files");
  if (!files.is_null()) add_files(files, rows);
  for (const auto& [split, loaded] : description.at("loads").items())
    rows.push_back({split, split_text(loaded)});
  if (description.at("loads").contains("train"))
    rows.push_back({"classes", classes_text(description["loads"]["train"].at("classes"))});
  for (const auto& note : description.at("notes")) rows.push_back({"note", note});
  if (!description.at("problem").is_null())
    rows.push_back({"problem", description.at("problem").get<std::string>()});
  std::string text = description.at("name").get<std::string>() + "\n";
  for (const auto& row : rows) {
    auto lines = wrapped(row[1], output_width().value_or(80), kLabelWidth, kLabelWidth);
    text += lines.replace(2, row[0].size(), row[0]);
  }
  return text;
}

}  // namespace ganselect
