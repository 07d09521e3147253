// How many trials one GPU trains at once: as many as its memory holds, and no more than raise the
// throughput of all together. Pure functions of what was measured.
#pragma once

#include <cstdint>
#include <vector>

#include "base/torch/device_stream.h"

namespace ganselect {

// More streams than this are not leased by one sweep: LibTorch has 32 a device.
inline constexpr std::int64_t kMostTrialsAtOnce = 24;

// How many trials the device's memory holds, judged by `running` >= 1 of them: those and as many
// more, of what each has taken on average, as fit beside a tenth of it that stays free for
// evaluations and fragments. At least 1; kMostTrialsAtOnce where they have taken nothing.
std::int64_t trials_in_memory(const DeviceMemory& memory, std::int64_t running);

// What was measured while so many trials ran.
struct ThroughputSample {
  std::int64_t jobs = 0;
  // Operations of training done a second by all together, so that cheap and costly candidates count
  // by what they ask of the device.
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
