#pragma once
// What a trial ran on, for its record: times compare on one device only, and bits change with its
// libraries.
#include <torch/types.h>

#include <cstdint>

#include "base/json.h"

namespace ganselect {

// {"kind", "name", "threads", "memory_bytes", "driver", "libraries": {..}, "reason": {..}}: the
// processor's or the GPU's. What cannot be had is null, with why under "reason".
Json device_facts(torch::Device device, std::int64_t threads);

}  // namespace ganselect
