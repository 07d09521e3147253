// Folders of PNG, JPEG and WebP images.
#include <torch/types.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "datasets/formats/image_folder.h"
#include "datasets/formats/image_io.h"
#include "datasets/table.h"

namespace ganselect {
namespace fs = std::filesystem;

DatasetSpec folder_dataset();

namespace {

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

// Paths without a folder leave the whole set unlabelled.
void label_by_subfolder(const std::vector<std::string>& names, Dataset& data) {
  const auto labelled = subfolder_labels(names);
  data.labels = labelled.labels;
  data.class_names = labelled.classes;
  if (labelled.mixed) {
    data.warnings.push_back(
        "mixed_folder: images beside subfolders, the set is taken as unlabelled");
  }
}

Dataset load_folder(const std::string& path, const LoadSettings& settings) {
  const auto root = split_folder(path, settings.split);
  const auto names = list_images(root, "data folder:" + root.string());
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
  if (lossy > 0) data.warnings.push_back(lossy_warning(lossy, count));
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
