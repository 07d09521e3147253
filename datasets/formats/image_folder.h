// The images below a folder: their names in a fixed order, and the classes that subfolders tell.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ganselect {

// Paths of *.png, *.jpg, *.jpeg and *.webp below `root`, whatever the case; hidden ones left out.
// Sorted by their text with '/', so that the order is the same on every system. kData, naming
// `where`, when there are none.
std::vector<std::string> list_images(const std::filesystem::path& root, const std::string& where);

struct SubfolderLabels {
  torch::Tensor labels;              // int64 (N), or undefined when some name has no folder
  std::vector<std::string> classes;  // sorted
  bool mixed = false;                // images beside subfolders
};
// The first folder of each path is its class.
SubfolderLabels subfolder_labels(const std::vector<std::string>& names);

// "lossy_input: ...", as Dataset::warnings words it.
std::string lossy_warning(int64_t lossy, int64_t images);

}  // namespace ganselect
