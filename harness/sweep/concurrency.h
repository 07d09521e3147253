// How many trials one GPU trains at once: as many as its memory holds, and no more than raise the
// throughput of all together. Pure functions of what was measured.
#pragma once

#include <cstdint>
#include <vector>

#include "base/torch/device_stream.h"

namespace ganselect {

// More streams than this are not leased by one sweep: LibTorch has 32 a device.
inline constexpr std::int64_t kMostTrialsAtOnce = 24;

// Trials of `trial_bytes` each that fit into the device's free memory beside a tenth of it that
// stays free for evaluations and fragments; at least 1.
std::int64_t trials_in_memory(const DeviceMemory& memory, double trial_bytes);

// What was measured while so many trials ran.
struct ThroughputSample {
  std::int64_t jobs = 0;
  // Work done a second by all together, where one trial alone on the device does 1: seconds of
  // solitary training finished a second, so that cheap and costly candidates count alike.
  double throughput = 0;
};

// What to run next.
struct ConcurrencyStep {
  std::int64_t jobs = 1;
  bool settled = false;  // nothing is left to try
  bool operator==(const ConcurrencyStep&) const = default;
};

// The gain in throughput below which more trials at once are not worth their memory.
inline constexpr double kLeastGain = 0.05;

// Starts with one, doubles while the best throughput rises by kLeastGain, then halves the gap
// between the best count and the first that gained nothing, and settles on the best. `measured` in
// the order of measuring; counts never exceed `most` >= 1.
ConcurrencyStep next_concurrency(const std::vector<ThroughputSample>& measured, std::int64_t most);

}  // namespace ganselect
