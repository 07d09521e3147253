// Folders of many records answered from an index that is kept beside them, in .ganselect: what
// load_record_folder would read, without taking every file apart again.
//
// A record comes from the index while its file has the size and the time of change that it had when
// it was read, and those are older than the clock can blur; else its file is read. What was read
// goes into the index, where the folder can be written; where it cannot, answers are the same and
// take longer. An index of another build of the program, a cut or damaged one is as none.
#pragma once

#include <cstddef>
#include <filesystem>

#include "results/records/store.h"

namespace ganselect {

struct IndexUse {
  /// Fewer records than this are read as they are, and no index is kept.
  std::size_t fewest = 1000;
  /// False: records come without checkpoints.
  bool details = true;
};

/// As load_record_folder. Throws as it does.
LoadedRecords load_indexed_records(const std::filesystem::path& dir, const IndexUse& use = {});

}  // namespace ganselect
