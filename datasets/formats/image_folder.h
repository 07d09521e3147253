// The images below a folder: which files they are, in a fixed order, the classes that subfolders
// tell, and what was left out.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ganselect {

struct FolderListing {
  std::vector<std::string> names;         // below the root, with '/'; in natural order
  std::map<std::string, int64_t> others;  // files left out, by their ending in lower case
  int64_t hidden = 0;                     // files and folders whose name begins with a dot
  int64_t repeated = 0;                   // linked folders that were listed already
};

// Files with the ending of an image (image_io.h), whatever its case. Links are followed, each
// folder once; the order is natural ("2.png" before "10.png") and the same on every system. kData,
// naming `where` or the file, when there are none, for a link that leads nowhere or in a circle,
// and for what is neither file nor folder.
FolderListing list_images(const std::filesystem::path& root, const std::string& where);

// Whether `a` comes before `b`: runs of digits by their value, all else by its bytes.
bool natural_less(const std::string& a, const std::string& b);

struct SubfolderLabels {
  torch::Tensor labels;              // int64 (N), or undefined when some name has no folder
  std::vector<std::string> classes;  // in natural order
  bool mixed = false;                // images beside subfolders
};
// The first folder of each path is its class.
SubfolderLabels subfolder_labels(const std::vector<std::string>& names);

// "skipped_files: ...", as Dataset::warnings words it; empty where nothing was left out.
std::string skipped_warning(const FolderListing& listing);

}  // namespace ganselect
