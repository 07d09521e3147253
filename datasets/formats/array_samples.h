// Samples in an .npz or .npy file: which array they are, what its axes and values mean, their
// labels. One rule for data sets and for samples that are measured.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/torch/npy_rows.h"
#include "datasets/formats/array_layout.h"

namespace ganselect {

// An array in a file, before its data are read.
struct StoredArray {
  std::filesystem::path file;
  std::string member;  // of an .npz; empty: an .npy
  NpyHeader header;
  ArrayLayout layout;
  std::string where;   // names it in errors
  std::string labels;  // the member that holds labels; empty: none
};

// The samples of a file: of an .npz the array arr_0, or the only one that can be samples; labels
// are arr_1, or the array named labels, label, targets, classes or y. kData where there is none, or
// where several could be it.
StoredArray stored_samples(const std::filesystem::path& file);

// What the values of stored images mean: `asked` (a row of value_ranges()), or told from all of the
// file's values where that is "auto".
const ValueRange& stored_range(const StoredArray& array, const std::string& asked);

// Its labels; undefined labels where it has none.
NumberedClasses stored_labels(const StoredArray& array);

// What a protocol or a data set's warnings should say of the reading, worded as those.
std::vector<std::string> reading_notes(const StoredArray& array, const ValueRange* range,
                                       const NumberedClasses& classes);

}  // namespace ganselect
