// Images of which a part is hidden, and what a generator fills it with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/train/checkpoint.h"
#include "harness/train/condition_source.h"
#include "harness/train/sampler.h"
#include "metrics/inpainting.h"

namespace ganselect {

// Ten fillings of each of the table's first 100 images; null for a generator that is shown none.
// The same seed gives the same fillings.
std::shared_ptr<const Fillings> draw_fillings(Generator& generator, const ConditionTable& table,
                                              std::uint64_t seed, const std::string& mode);

// What a user wants filled in.
struct FillRequest {
  std::string image;  // a picture's file, or numbers of stored ones: "3", "0,7,12"
  std::string mask;   // a picture's file, white where it is to be filled; empty: the run's own law
};

// The entries that are asked for, of the generator's size. A mask goes with every image. kUsage for
// a generator that fills nothing in and for numbers out of range; kData for files that are no
// pictures, and for masks that hide nothing or are neither black nor white.
ConditionTable asked_pictures(const SavedGenerator& saved, const FillRequest& request);

// `columns` fillings of each entry; `grid` has before them the image, and what is shown of it.
struct FillRows {
  SampleSet set;
  torch::Tensor grid;  // uint8 (entries * (columns + 2),C,H,W)
};
FillRows draw_fill_rows(Generator& generator, const SampleSettings& settings,
                        const ConditionTable& table, std::int64_t columns);

}  // namespace ganselect
