// What lies below a folder of images, before any is read.
#pragma once

#include <filesystem>

#include "datasets/formats/image_folder.h"

namespace ganselect {

// A folder is divided where there is one for training and nothing stands beside it but others that
// go by the name of a split: a class may be called "train", too.
struct FolderParts {
  FolderListing listing;  // of all parts
  bool divided = false;
  bool train_class = false;  // a folder called train beside others, which is therefore a class
};

// kData where `root` is no folder, and as list_images.
FolderParts folder_parts(const std::filesystem::path& root);

}  // namespace ganselect
