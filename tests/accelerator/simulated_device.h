// A pretended accelerator in host memory, so that what is written for a GPU can be tested without
// one. It takes the place of a device type that LibTorch knows and has no library for ("hpu:0"):
// operators run on the CPU's kernels, but only here, so that a tensor left on the host, a wait, a
// use across streams without synchronization or a missing device argument shows as it would on a
// GPU. It does not show: which kernels CUDA has, their rounding, and speed.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/train/capture/step_runner.h"

namespace ganselect::test {

inline const char* const kSimulated = "hpu:0";

// While it lives, notes what an iteration must not do, by operator: waits for a value, copies
// between host and device, shapes that depend on values, tensors on the host.
class Watch {
 public:
  Watch();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  // Sorted, each once; empty: nothing was found.
  std::vector<std::string> found() const;
  // Device operators seen.
  std::int64_t operators() const;
};

// Uses of memory on another stream than the one that wrote it, without a wait between; since the
// last call.
std::vector<std::string> take_races();

// Records operators as a CUDA graph does: nothing is done while recording (memory and generators
// are put back), memory that was made then holds no numbers until a replay, a wait or a copy from
// the host ends it with an error, and so does a generator that was not registered.
std::unique_ptr<Recorder> make_simulated_recorder();

// The host's waits for an event since the last call: how many writes were asked for after it.
std::vector<std::uint64_t> take_event_waits();

// Memory that the device claims to have.
inline constexpr std::int64_t kSimulatedBytes = std::int64_t{4} << 30;

}  // namespace ganselect::test
