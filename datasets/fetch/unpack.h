// Members out of a downloaded archive.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/fetch/official_files.h"

namespace ganselect {

// Takes the download's members (and the extras that are there) out of `archive`, a tar of any usual
// compression or one compressed file, and writes each atomically into `folder` under its own name
// alone, whatever path the archive gives it. Returns the members' names. Throws kData when one is
// missing or not the official file: then nothing of that member was written.
std::vector<std::string> unpack_members(const std::filesystem::path& archive,
                                        const Download& download,
                                        const std::filesystem::path& folder);

}  // namespace ganselect
