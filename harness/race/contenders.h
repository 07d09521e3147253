// Who runs in a race: asked of the stored evidence, with the facts of the race's data.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "harness/train/settings.h"
#include "results/records/record.h"
#include "selection/query/query.h"
#include "selection/race/state.h"

namespace ganselect {

struct ContenderSettings {
  std::size_t most = 8;
  std::string wish;                // in words
  std::vector<std::string> named;  // these alone, as they are; none: asked for
  TrainSettings train;             // what all trials share
};

struct Contenders {
  std::vector<RaceContender> list;  // best first
  UseCase use_case;
  std::string understood;
  std::vector<std::string> notes;  // what was done to the field, a sentence each
};

// Fewer training images than this, and contenders augment them (Zhao et al. 2020 show what is lost
// without, from a fifth of CIFAR-10's 50,000 down).
inline constexpr std::int64_t kFewImages = 10000;

// The wish as `ask` reads it. kUsage where nothing can be read.
Reading read_wish(const std::string& wish);

// By chance of being best for the wish, at most a third of one loss while there are others; with
// classes, the conditional candidates get a place; few images: every contender augments them. Those
// that cannot be built for the data are passed over. kUsage for a name that is none, one that the
// data cannot train, or a wish that cannot be read; kData where fewer than two are left.
Contenders choose_contenders(std::span<const Record> evidence, const Dataset& data,
                             const ContenderSettings& settings);

}  // namespace ganselect
