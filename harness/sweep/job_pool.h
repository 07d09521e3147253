// Runs jobs beside each other, each in a thread of its own, and finds out how many at once pay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "harness/sweep/concurrency.h"

namespace ganselect {

struct PoolSettings {
  std::int64_t jobs = 1;  // at once, from the start
  // Above `jobs`: counts up to this are tried while next_concurrency says so.
  std::int64_t most = 1;
  std::function<double()> work_done;  // operations so far; needed where most > jobs
  // How many fit, asked anew while so many run: the least of this and `most` holds. May be empty.
  std::function<std::int64_t(std::int64_t running)> fit;
  std::function<bool()> stop;  // true: start no more; running jobs are waited for
  double settle_seconds = 5;   // after a change, until a measurement begins
  double window_seconds = 8;   // of a measurement
};

struct PoolResult {
  std::int64_t jobs = 1;                   // at once, at the end
  std::vector<ThroughputSample> measured;  // in order; empty where the count was fixed
};

// Calls run(0) ... run(count - 1), started in this order; returns when all that were started have
// ended. `run` must not throw.
PoolResult run_pool(std::size_t count, const std::function<void(std::size_t)>& run,
                    const PoolSettings& settings);

}  // namespace ganselect
