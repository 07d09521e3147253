// The binary format of CIFAR-10, apart from which files are the official ones.
#pragma once

#include <filesystem>
#include <vector>

#include "datasets/table.h"

namespace ganselect {

// Reads `files` from `folder` one after another: records of one label byte (0 to 9) and 3,072 pixel
// bytes, the red, green and blue planes one after another, each row by row. Fills samples, labels
// and class_names. Throws kData as read_official_file does, and for a label above 9.
Dataset read_cifar_batches(const DatasetSpec& spec, const std::filesystem::path& folder,
                           const std::vector<OfficialFile>& files);

}  // namespace ganselect
