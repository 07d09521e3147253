// First half of reading a query: the patterns with numbers in them become constraints
// ("in under 10 minutes", "at least 9 modes", "64x64", "at most 10% diverged").
#pragma once

#include <string>
#include <vector>

#include "selection/query/query_tokens.h"
#include "selection/query/use_case.h"

namespace ganselect {

/// Takes every number pattern out of `tokens` (marks them consumed) and appends its constraint.
/// Memory is in SI units: 1 GB = 1e9 bytes, 1 GiB = 2^30. A bare "10 minutes" is an upper bound, a
/// bare "9 modes" a lower one. `notes` gets a sentence for each figure that was adjusted.
/// Throws kUsage for a bound on the wrong side ("at least 10 minutes") or an impossible value.
void read_number_patterns(std::vector<QueryToken>& tokens, std::vector<Constraint>& constraints,
                          std::vector<std::string>& notes);

}  // namespace ganselect
