// Watching and recording on the pretended accelerator.
#include <ATen/record_function.h>

#include <cstring>
#include <utility>

#include "tests/accelerator/simulated_device.h"
#include "tests/accelerator/simulated_state.h"

namespace ganselect::test {
namespace {

class SimulatedRecorder : public Recorder {
 public:
  void record(const std::function<void()>& work,
              const std::vector<torch::Generator>& generators) override {
    auto& d = pretended();
    TORCH_CHECK(current_stream != 0, "work on the default stream cannot be recorded");
    tape_.stream = current_stream;
    tape_.generators = generators;
    d.tape = &tape_;
    d.recorded_stream = current_stream;
    try {
      work();
    } catch (...) {
      put_back();
      throw;
    }
    put_back();
  }

  void replay() override {
    TORCH_CHECK(current_stream == tape_.stream, "replayed on another stream");
    const torch::NoGradGuard no_grad;
    for (const auto& entry : tape_.entries) entry();
    auto& d = pretended();
    const std::scoped_lock lock(d.mutex);
    for (auto* pointer : tape_.written) {
      const auto found = d.blocks.find(pointer);
      if (found == d.blocks.end()) continue;  // freed since
      found->second.written = ++d.stamp;
      found->second.stream = current_stream;
    }
  }

 private:
  // Ends the recording. Memory from before is as it was; what was made since holds no numbers.
  void put_back() {
    auto& d = pretended();
    const std::scoped_lock lock(d.mutex);
    for (auto& [pointer, block] : d.blocks) {
      if (block.born_recording) std::memset(pointer, kPoison, block.bytes);
      block.born_recording = false;
    }
    for (const auto& [pointer, bytes] : tape_.blocks_before)
      std::memcpy(pointer, bytes.data(), bytes.size());
    for (const auto& [generator, state] : tape_.generators_before)
      generator->inner().set_state(state);
    d.recorded_stream = -1;
    d.tape = nullptr;
  }

  Tape tape_;
};

// Operators of the host alone, which the device's fallback never sees.
std::unique_ptr<at::ObserverContext> note_host_tensors(const at::RecordFunction&) {
  return nullptr;
}
void check_host_tensors(const at::RecordFunction& function, at::ObserverContext*) {
  for (const auto& value : function.outputs()) {
    if (!value.isTensor() || !value.toTensor().defined()) continue;
    if (!value.toTensor().is_cpu() || inside_host_call) continue;
    auto& d = pretended();
    const std::scoped_lock lock(d.mutex);
    if (d.watching) d.found.insert(std::string(function.name()) + " makes a host tensor");
  }
}

at::CallbackHandle watch_handle = 0;

}  // namespace

Watch::Watch() {
  auto& d = pretended();
  d.found.clear();
  d.operators = 0;
  watch_handle =
      at::addGlobalCallback(at::RecordFunctionCallback(note_host_tensors, check_host_tensors)
                                .needsOutputs(true)
                                .scopes({at::RecordScope::FUNCTION}));
  d.watching = true;
}
Watch::~Watch() {
  pretended().watching = false;
  at::removeCallback(watch_handle);
}
std::vector<std::string> Watch::found() const {
  const std::scoped_lock lock(pretended().mutex);
  return {pretended().found.begin(), pretended().found.end()};
}
std::int64_t Watch::operators() const { return pretended().operators; }

std::vector<std::string> take_races() {
  const std::scoped_lock lock(pretended().mutex);
  const std::vector<std::string> all(pretended().races.begin(), pretended().races.end());
  pretended().races.clear();
  return all;
}

std::vector<std::uint64_t> take_event_waits() {
  const std::scoped_lock lock(pretended().mutex);
  return std::exchange(pretended().event_waits, {});
}

std::unique_ptr<Recorder> make_simulated_recorder() {
  return std::make_unique<SimulatedRecorder>();
}

}  // namespace ganselect::test
