// The table of data sets: what load_dataset, `data list`, `data verify` and `data fetch` read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/named_table.h"
#include "datasets/dataset.h"

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

// Pins a generated set: its first `count` training samples at seed 0 have this content_digest.
struct GeneratedCheck {
  int64_t count = 0;
  std::string digest;
};

struct DatasetSpec {
  std::string name;      // what users type
  std::string title;     // one line for `data list`
  std::string argument;  // what follows "NAME:", e.g. "PATH"; empty when nothing may
  bool resizes = false;  // whether LoadSettings::image_size applies
  std::string folder;    // below the data folder; empty for sets without official files
  std::vector<std::string>
      other_folders;  // where other tools keep the same files, also below the data folder
  std::vector<Download> downloads;  // empty: nothing to fetch
  std::vector<OfficialFile> parts;  // official files that may stand in for a missing one
  std::optional<GeneratedCheck> check;
  std::function<Dataset(const std::string& argument, const LoadSettings& settings)> load;

  // Every file that the downloads unpack to.
  std::vector<OfficialFile> files() const;
};

const NamedTable<DatasetSpec>& dataset_table();

// The row that `name` asks for and the argument after its colon. Throws kUsage for an unknown name,
// a missing argument or one that the set does not take.
struct DatasetReference {
  const DatasetSpec* spec = nullptr;
  std::string argument;
};
DatasetReference parse_dataset_name(const std::string& name);

enum class FileState { kRight, kMissing, kWrongSize, kWrongDigest };
std::string describe(FileState state);

struct FileCheck {
  std::string file;  // name, or "generated samples"
  std::filesystem::path path;
  FileState state = FileState::kMissing;
  std::string expected,
      got;  // digest, or size in bytes where that differs; got is empty when missing
};

// Holds every official file of the set against size and MD5, or regenerates the pinned samples of a
// generated set. A partial test file counts where the whole one is missing. Empty for sets that
// have nothing official (folder:, npz:); throws kUsage as parse_dataset_name does.
std::vector<FileCheck> verify_dataset(const std::string& name,
                                      const std::filesystem::path& data_dir);

}  // namespace ganselect
