// How much real data a trial looks at.
#pragma once

#include <cstdint>

#include "base/json.h"

namespace ganselect {

// Real images shown to the critic in `steps` generator updates, repeats counted: steps x n_critic /
// n_gen x batch, of a candidate as recorded; n_gen is 1 where it names none. kFailed for a
// candidate without n_critic.
std::int64_t images_seen(const Json& candidate, std::int64_t steps, std::int64_t batch);

}  // namespace ganselect
