// Folders of image files: their splits, classes and pixels.
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "datasets/folder_parts.h"
#include "datasets/formats/image_reader.h"
#include "datasets/table.h"

namespace ganselect {
namespace fs = std::filesystem;

DatasetSpec folder_dataset();

namespace {

// Names that folders of a split go by, in lower case; the first that is there is taken.
struct SplitNames {
  const char* split;
  std::array<const char*, 4> folders;
};
constexpr std::array<SplitNames, 2> kSplitNames = {
    {{"train", {"train", "training"}}, {"test", {"test", "val", "valid", "validation"}}}};

bool names_split(const std::string& folder, const char* split) {
  for (const auto& names : kSplitNames) {
    for (const char* name : names.folders) {
      if (name != nullptr && to_lower(folder) == name && split == std::string(names.split))
        return true;
    }
  }
  return false;
}

}  // namespace

FolderParts folder_parts(const fs::path& root) {
  if (!fs::is_directory(root)) {
    fail(ErrorKind::kData, {.where = "data folder:" + root.string(),
                            .expected = "a folder of images",
                            .got = fs::exists(root) ? "a file" : "no such folder"});
  }
  FolderParts parts;
  parts.listing = list_images(root, "data folder:" + root.string());
  std::set<std::string> train;  // "train" and "Train" are no split together
  bool others = false;
  for (const auto& name : parts.listing.names) {
    const auto slash = name.find('/');
    const auto top = slash == std::string::npos ? "" : name.substr(0, slash);
    if (names_split(top, "train")) train.insert(top);
    others = others || (!names_split(top, "train") && !names_split(top, "test"));
  }
  parts.divided = train.size() == 1 && !others;
  parts.train_class = !train.empty() && !parts.divided;
  return parts;
}

namespace {

// Images of the split, named below `root`; `prefix` is its folder with a slash.
struct SplitFiles {
  std::string prefix;
  std::vector<std::string> names;
};

SplitFiles files_of_split(const FolderParts& parts, const fs::path& root,
                          const std::string& split) {
  if (!parts.divided && split == "train") return {"", parts.listing.names};
  SplitFiles files;
  for (const auto& names : kSplitNames) {
    for (const char* folder : names.folders) {
      if (folder == nullptr || split != names.split || !files.names.empty()) continue;
      for (const auto& name : parts.listing.names) {
        const auto top = name.substr(0, name.find('/'));
        if (!parts.divided || to_lower(top) != folder) continue;
        files.prefix = top + "/";
        files.names.push_back(name);
      }
    }
  }
  if (!files.names.empty()) return files;
  fail(ErrorKind::kData,
       {.where = "data folder:" + root.string(),
        .expected = "subfolders train and " + split + " for the split '" + split + "'",
        .got = parts.divided ? "no folder " + split : "an undivided folder",
        .hint = "an undivided folder is one split, train"});
}

bool has_test_folder(const FolderParts& parts) {
  return std::any_of(
      parts.listing.names.begin(), parts.listing.names.end(),
      [](const std::string& name) { return names_split(name.substr(0, name.find('/')), "test"); });
}

// Paths without a folder leave the whole set unlabelled.
void label_by_subfolder(const SplitFiles& files, Dataset& data) {
  std::vector<std::string> below;
  for (const auto& name : files.names) below.push_back(name.substr(files.prefix.size()));
  const auto labelled = subfolder_labels(below);
  data.labels = labelled.labels;
  data.class_names = labelled.classes;
  if (labelled.mixed) {
    data.warnings.push_back(
        "mixed_folder: images beside subfolders, the set is taken as unlabelled");
  }
}

// Splits beyond those for training and testing are left alone.
std::string unused_warning(const FolderParts& parts, const fs::path& root) {
  if (!parts.divided) return "";
  std::vector<std::string> unused;
  const auto train = files_of_split(parts, root, "train").prefix;
  std::string test;
  for (const auto& name : parts.listing.names) {
    const auto top = name.substr(0, name.find('/') + 1);
    if (top == train || (!unused.empty() && unused.back() == top)) continue;
    if (test.empty()) test = files_of_split(parts, root, "test").prefix;
    if (top != test) unused.push_back(top);
  }
  return unused.empty() ? "" : "unused_split: images of " + join(unused) + " are not used";
}

Dataset load_folder(const std::string& path, const LoadSettings& settings) {
  const fs::path root = path;
  const auto parts = folder_parts(root);
  const auto files = files_of_split(parts, root, settings.split);
  // All parts are surveyed, so that they come in one form.
  ImageReader reader(settings.reading, survey_images(root, parts.listing.names), root);
  Dataset data;
  label_by_subfolder(files, data);
  const auto count =
      std::min(static_cast<int64_t>(files.names.size()), settings.limit.value_or(INT64_MAX));
  for (int64_t n = 0; n < count; ++n) {
    const auto image = reader.read(files.names[static_cast<std::size_t>(n)]);
    if (n == 0)
      data.samples =
          torch::empty({count, image.size(0), image.size(1), image.size(2)}, torch::kUInt8);
    data.samples[n].copy_(image);
  }
  for (auto& note : reader.notes()) data.warnings.push_back(std::move(note));
  if (auto skipped = skipped_warning(parts.listing); !skipped.empty())
    data.warnings.push_back(std::move(skipped));
  if (auto unused = unused_warning(parts, root); !unused.empty())
    data.warnings.push_back(std::move(unused));
  if (parts.train_class) {
    data.warnings.push_back(
        "train_is_a_class: a folder train stands beside another one or beside folders that are no "
        "splits, so it is taken for a class");
  }
  return data;
}

}  // namespace

DatasetSpec folder_dataset() {
  DatasetSpec spec;
  spec.name = "folder";
  spec.title = "your images: " + image_formats_text() +
               ", subfolders are classes; PATH/train and PATH/test when divided";
  spec.argument = "PATH";
  spec.reading = {"image_size", "fit", "channels", "ground"};
  spec.load = load_folder;
  spec.has_test = [](const std::string& path, const LoadSettings&) {
    const auto parts = folder_parts(path);
    return parts.divided && has_test_folder(parts);
  };
  return spec;
}

}  // namespace ganselect
