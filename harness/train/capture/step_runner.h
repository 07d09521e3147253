#pragma once
// How a training's iteration is run: asked of the device operation by operation (eager), or
// captured in a graph once and replayed as a whole. The trainer says what an iteration is; this
// knows nothing of networks.
#include <torch/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/named_table.h"

namespace ganselect {

// How an iteration is recorded; CUDA's way stands in the module of harness/cuda. It sees the
// process from the calling thread: its current stream, its device.
class Recorder {
 public:
  virtual ~Recorder() = default;
  // Records what `work` asks of the device, without doing it: afterwards the device and the streams
  // of random numbers stand as before. `generators` are all that work draws from. Once for each
  // recorder. Throws what work throws, or the device's own error.
  virtual void record(const std::function<void()>& work,
                      const std::vector<torch::Generator>& generators) = 0;
  // Does it once, on the calling thread's current stream, reading and writing the same memory as
  // when it was recorded; does not wait for the device.
  virtual void replay() = 0;
};
using RecorderMaker = std::function<std::unique_ptr<Recorder>()>;

// "auto": captured where the device can, "on": captured or an error, "off": never.
struct GraphMode {
  std::string name;
  std::string explanation;  // one line for help texts
  bool tries = false;       // to capture
  bool insists = false;     // an error where that cannot be
};
const NamedTable<GraphMode>& graph_modes();

// How steps are run; none of this changes what a trial is.
struct StepOptions {
  std::string graph = "auto";  // a row of graph_modes()
  RecorderMaker recorder;      // instead of the device's own; empty: graph_recorder_maker's
};

// One iteration, to be run again and again by one thread.
struct Iteration {
  // The whole of it. It must not wait for the device, must leave nothing of the host's that the
  // next one reads, and must find and leave its tensors in the same memory.
  std::function<void()> work;
  std::function<void()> wait;                // for the device; may be empty
  std::optional<bool> tf32;                  // how products round; none: no device that could
  std::vector<torch::Generator> generators;  // all that work draws from
};

class StepRunner {
 public:
  virtual ~StepRunner() = default;
  // One iteration; may return before the device is done.
  virtual void step() = 0;
  // "eager" or "captured", as it stands now.
  virtual std::string mode() const = 0;
};

// Iterations before the recording, as the libraries choose their algorithms and take their
// workspaces then. They count: n steps are n iterations however they are run.
inline constexpr int kWarmUpSteps = 3;

// Replays that a training has under way at most: enough that the device never waits for the host.
inline constexpr int kReplaysAhead = 3;

// kUsage for an unknown mode; kFailed with the reason where graph is "on" and nothing can be
// recorded on this device.
std::unique_ptr<StepRunner> make_step_runner(Iteration iteration, torch::Device device,
                                             const StepOptions& options);

}  // namespace ganselect
