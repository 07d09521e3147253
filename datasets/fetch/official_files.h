// Finding, reading and checking the files that a data set's authors published.
#pragma once

#include <filesystem>
#include <string>

#include "datasets/table.h"

namespace ganselect {

// The first of the set's folders below `data_dir` that exists and holds one of its files;
// `data_dir` itself counts when it does. Otherwise the folder where they should be.
std::filesystem::path find_dataset_folder(const DatasetSpec& spec,
                                          const std::filesystem::path& data_dir);

// Size and MD5 held against `file`; when right and `bytes` is not null, the content is left there.
FileCheck check_official_file(const std::filesystem::path& path, const OfficialFile& file,
                              std::string* bytes = nullptr);

// The content. Throws kData when the file is missing (saying how to get it), of another size, or of
// another digest.
std::string read_official_file(const DatasetSpec& spec, const std::filesystem::path& folder,
                               const OfficialFile& file);

// The error for a set whose file or folder is not there.
[[noreturn]] void fail_missing_file(const DatasetSpec& spec, const std::filesystem::path& path);

}  // namespace ganselect
