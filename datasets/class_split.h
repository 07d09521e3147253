// A labelled data set in two: the classes that are trained on and those that are left out, for
// transfer to classes never seen.
#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace ganselect {

struct ClassSplit {
  Dataset kept, left_out;
};

// Every sample on one side, in its old order. Class names and the numbers of labels stay, so that a
// label means the same on both sides; digests are new, and the split's name says what it lacks.
// kUsage for a class that the set has not or a side that would be empty, kData for a set without
// labels.
ClassSplit split_classes(const Dataset& data, const std::vector<std::string>& left_out);

}  // namespace ganselect
