// Bounds on measures by name: "FID at most 50", "a recall of at least 0.1".
#pragma once

#include <vector>

#include "selection/query/figure_words.h"

namespace ganselect {

/// Takes bounds on measures out of `tokens` and appends their constraints. Throws kUsage for a
/// bound on the wrong side and for a value out of range.
void read_measure_bounds(QueryTokens& tokens, std::vector<Constraint>& constraints,
                         std::vector<std::string>& notes);

}  // namespace ganselect
