// First half of reading a query: the patterns with numbers in them become constraints
// ("in under 10 minutes", "at least 9 modes", "64x64", "at most 10% diverged") or facts of the use
// case
// ("400 training images", "in 2,000 updates").
#pragma once

#include <string>
#include <vector>

#include "selection/query/query_tokens.h"
#include "selection/query/use_case.h"

namespace ganselect {

/// Takes every number pattern out of `tokens` (marks them consumed) and puts what it says into
/// `use_case`: constraints, training images, updates, device, image size. Memory is in SI units:
/// 1 GB = 1e9 bytes, 1 GiB = 2^30. A bare "10 minutes" is an upper bound, a bare "9 modes" a lower
/// one. `notes` gets a sentence for each figure that was adjusted or assumed.
/// Throws kUsage for a bound on the wrong side ("at least 10 minutes"), an impossible value and a
/// figure that is only half understood.
void read_number_patterns(std::vector<QueryToken>& tokens, UseCase& use_case,
                          std::vector<std::string>& notes);

}  // namespace ganselect
