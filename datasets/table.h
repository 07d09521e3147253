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
#include "datasets/fetch/fetch.h"

namespace ganselect {

// Pins a generated set: its first `count` training samples at seed 0 have this content_digest.
struct GeneratedCheck {
  int64_t count = 0;
  std::string digest;
};

// `name` is what users type; `downloads` is empty where there is nothing to fetch.
struct DatasetSpec : OfficialSet {
  std::string title;                 // one line for `data list`
  std::string argument;              // what follows "NAME:", e.g. "PATH"; empty when nothing may
  std::string detector;              // the named detector that suits it; empty: none of its own
  std::vector<std::string> reading;  // the settings of ImageReading that apply to it
  std::optional<GeneratedCheck> check;
  std::function<Dataset(const std::string& argument, const LoadSettings& settings)> load;
  // Whether there is a test split; empty: always.
  std::function<bool(const std::string& argument, const LoadSettings& settings)> has_test;
};

const NamedTable<DatasetSpec>& dataset_table();

// The row that `name` asks for, the argument after its colon and the settings after an '@'. A path
// of a folder, or of an .npz or .npy file, is short for "folder:PATH" and "npz:PATH". Throws kUsage
// for an unknown name, a missing argument or one that the set does not take, kData for a path that
// leads nowhere.
struct DatasetReference {
  const DatasetSpec* spec = nullptr;
  std::string argument;
  ImageReading reading;
};
DatasetReference parse_dataset_name(const std::string& name);

// "NAME[:ARGUMENT][@SETTINGS]": what records call the set, and load_dataset takes.
std::string dataset_name(const DatasetReference& reference);
// The same of a name as users give it, with further settings in place of its own where they are not
// at their defaults.
std::string dataset_name(const std::string& name, const ImageReading& further = {});

// fetch_files for the set of this name. kUsage, too, for one that has nothing to fetch.
FetchReport fetch_dataset(const std::string& name, const std::filesystem::path& data_dir,
                          const FetchSettings& settings, const FetchCallback& progress);

// Holds every official file of the set against size and MD5, or regenerates the pinned samples of a
// generated set. A partial test file counts where the whole one is missing. Empty for sets that
// have nothing official (folder:, npz:); throws kUsage as parse_dataset_name does.
std::vector<FileCheck> verify_dataset(const std::string& name,
                                      const std::filesystem::path& data_dir);

}  // namespace ganselect
