// Folders of PNG, JPEG and WebP images.
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "datasets/image_io.h"
#include "datasets/table.h"

namespace ganselect {
namespace fs = std::filesystem;

DatasetSpec folder_dataset();

namespace {

constexpr std::array<const char*, 4> kImageExtensions = {".png", ".jpg", ".jpeg", ".webp"};

bool is_image_name(const fs::path& path) {
  const auto extension = to_lower(path.extension().string());
  return std::find(kImageExtensions.begin(), kImageExtensions.end(), extension) !=
         kImageExtensions.end();
}

// PATH/train and PATH/test where the folder is divided that way; an undivided folder is all
// training data.
fs::path split_folder(const fs::path& root, const std::string& split) {
  if (!fs::is_directory(root)) {
    fail(ErrorKind::kData, {.where = "data folder:" + root.string(),
                            .expected = "a folder of images",
                            .got = fs::exists(root) ? "a file" : "no such folder"});
  }
  const bool divided = fs::is_directory(root / "train");
  if (divided && fs::is_directory(root / split)) return root / split;
  if (!divided && split == "train") return root;
  fail(ErrorKind::kData,
       {.where = "data folder:" + root.string(),
        .expected = "subfolders train and " + split + " for the split '" + split + "'",
        .got = divided ? "no folder " + split : "an undivided folder",
        .hint = "an undivided folder is one split, train"});
}

// Paths below `root`, sorted by their text with '/', so that the order is the same on every system.
std::vector<std::string> list_images(const fs::path& root) {
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator at(root), end; at != end; ++at) {
    const auto& path = at->path();
    const bool hidden = path.filename().string().starts_with('.');
    if (hidden && at->is_directory()) at.disable_recursion_pending();
    if (!hidden && at->is_regular_file() && is_image_name(path)) {
      names.push_back(path.lexically_relative(root).generic_string());
    }
  }
  if (names.empty()) {
    fail(ErrorKind::kData, {.where = "data folder:" + root.string(),
                            .expected = "images named *.png, *.jpg, *.jpeg or *.webp",
                            .got = "none"});
  }
  std::sort(names.begin(), names.end());
  return names;
}

torch::Tensor crop_center_square(const torch::Tensor& image) {
  const auto side = std::min(image.size(1), image.size(2));
  return image.narrow(1, (image.size(1) - side) / 2, side)
      .narrow(2, (image.size(2) - side) / 2, side);
}

void check_same_size(const torch::Tensor& first, const torch::Tensor& image,
                     const std::string& where) {
  if (first.sizes() == image.sizes()) return;
  const auto size = [](const torch::Tensor& pixels) {
    return std::to_string(pixels.size(2)) + "x" + std::to_string(pixels.size(1));
  };
  fail(ErrorKind::kData, {.where = where,
                          .expected = "an image of " + size(first) + " as the first one",
                          .got = size(image),
                          .hint = "ask for an image size to have all of them cropped and resized"});
}

// The first folder of each path is its class; paths without one leave the whole set unlabelled.
void label_by_subfolder(const std::vector<std::string>& names, Dataset& data) {
  std::set<std::string> classes;
  for (const auto& name : names) {
    const auto slash = name.find('/');
    if (slash == std::string::npos) {
      if (!classes.empty())
        data.warnings.push_back(
            "mixed_folder: images beside subfolders, the set is taken as unlabelled");
      return;
    }
    classes.insert(name.substr(0, slash));
  }
  data.class_names.assign(classes.begin(), classes.end());
  data.labels = torch::empty({static_cast<int64_t>(names.size())}, torch::kInt64);
  auto* label = data.labels.data_ptr<int64_t>();
  for (const auto& name : names) {
    *label++ = std::distance(classes.begin(), classes.find(name.substr(0, name.find('/'))));
  }
}

Dataset load_folder(const std::string& path, const LoadSettings& settings) {
  const auto root = split_folder(path, settings.split);
  auto names = list_images(root);
  Dataset data;
  label_by_subfolder(names, data);
  const auto count =
      std::min(static_cast<int64_t>(names.size()), settings.limit.value_or(INT64_MAX));
  int64_t lossy = 0;
  for (int64_t n = 0; n < count; ++n) {
    const auto file = root / names[static_cast<std::size_t>(n)];
    auto image = decode_image(read_file(file), file.string());
    lossy += image.lossy ? 1 : 0;
    if (settings.image_size) {
      image.pixels = resize_image(crop_center_square(image.pixels), *settings.image_size,
                                  *settings.image_size);
    }
    if (n == 0)
      data.samples =
          torch::empty({count, 3, image.pixels.size(1), image.pixels.size(2)}, torch::kUInt8);
    check_same_size(data.samples[0], image.pixels, file.string());
    data.samples[n].copy_(image.pixels);
  }
  if (lossy > 0) {
    data.warnings.push_back("lossy_input: " + std::to_string(lossy) + " of " +
                            std::to_string(count) +
                            " images are JPEG or lossy WebP, which moves scores");
  }
  if (settings.image_size) {
    data.warnings.push_back("resized_input: centre square, anti-aliased bicubic, to " +
                            std::to_string(*settings.image_size));
  }
  return data;
}

}  // namespace

DatasetSpec folder_dataset() {
  DatasetSpec spec;
  spec.name = "folder";
  spec.title =
      "your images: PNG, JPEG or WebP, subfolders are classes; PATH/train and PATH/test when "
      "divided";
  spec.argument = "PATH";
  spec.resizes = true;
  spec.load = load_folder;
  return spec;
}

}  // namespace ganselect
