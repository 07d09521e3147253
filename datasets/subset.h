// Subsets drawn by a seed, the same on every machine: a set that lies sorted gives the same mix as
// a shuffled one. What is drawn keeps its order.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include "base/json.h"

namespace ganselect {

// How many of a set are taken, and by which seed; all where there are no more.
struct SampleDraw {
  int64_t count = 0;  // >= 1
  std::uint64_t seed = 0;
};

// int64 (min(count, n)), ascending: each subset of that size as likely. kData unless n, count >= 1.
torch::Tensor drawn_rows(int64_t n, const SampleDraw& draw);

// The same, from each class its share of the set to within one; `labels` int64 (n), or undefined:
// without classes.
torch::Tensor drawn_rows(int64_t n, const torch::Tensor& labels, const SampleDraw& draw);

// What a protocol says of a draw: {"of": n, "seed": s, "by": "class" or "chance"}; null where all
// are taken.
Json draw_protocol(int64_t n, bool by_class, const SampleDraw& draw);

}  // namespace ganselect
