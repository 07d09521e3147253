// Finding, reading and checking the files that a data set's authors published.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ganselect {

// A file as its authors published it.
struct OfficialFile {
  std::string name;
  std::uintmax_t bytes = 0;
  std::string md5;  // 32 hex digits: the digest that the authors and the usual readers publish
};

// One file to download and what to take out of it.
struct Download {
  OfficialFile archive;  // the file as served: tar.gz or gz
  std::vector<std::string>
      addresses;  // of the folder that serves it, each ending in '/', tried in this order
  std::vector<OfficialFile> members;  // what it unpacks to
  // Small members that nobody checks against a digest, taken along when they are there.
  std::vector<std::string> extras;
};

// The files of one data set and where they are found.
struct OfficialSet {
  std::string name;
  std::string folder;                      // below the data folder; empty without official files
  std::vector<std::string> other_folders;  // where other tools keep them, below the data folder too
  std::vector<Download> downloads;
  std::vector<OfficialFile> parts;  // official files that may stand in for a missing one

  // Every file that the downloads unpack to.
  std::vector<OfficialFile> files() const;
};

enum class FileState { kRight, kMissing, kWrongSize, kWrongDigest };
std::string describe(FileState state);

struct FileCheck {
  std::string file;  // name, or "generated samples"
  std::filesystem::path path;
  FileState state = FileState::kMissing;
  std::string expected,
      got;  // digest, or size in bytes where that differs; got is empty when missing
};

// The first of the set's folders below `data_dir` that exists and holds one of its files;
// `data_dir` itself counts when it does. Otherwise the folder where they should be.
std::filesystem::path find_dataset_folder(const OfficialSet& set,
                                          const std::filesystem::path& data_dir);

// Whether one of the named files lies there.
bool has_official_file(const OfficialSet& set, const std::filesystem::path& data_dir,
                       const std::vector<std::string>& names);

// Size and MD5 held against `file`; when right and `bytes` is not null, the content is left there.
FileCheck check_official_file(const std::filesystem::path& path, const OfficialFile& file,
                              std::string* bytes = nullptr);

// The content. Throws kData when the file is missing (saying how to get it), of another size, or of
// another digest.
std::string read_official_file(const OfficialSet& set, const std::filesystem::path& folder,
                               const OfficialFile& file);

// The error for a set whose file or folder is not there.
[[noreturn]] void fail_missing_file(const OfficialSet& set, const std::filesystem::path& path);

}  // namespace ganselect
