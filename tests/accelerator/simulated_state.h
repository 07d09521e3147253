// What the parts of the pretended accelerator share; see simulated_device.h.
#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ganselect::test {

constexpr auto kDeviceType = c10::DeviceType::HPU;
constexpr int kPoison = 0xFF;  // bytes of memory without content: NaN in every floating type

extern thread_local c10::StreamId current_stream;
extern thread_local bool inside_host_call;  // of an operator that the device runs on the host

struct Block {
  std::size_t bytes = 0;
  std::uint64_t written = 0;  // stamp of the last write
  c10::StreamId stream = 0;   // that made it
  bool born_recording = false;
};

// The CPU's generator under the device's name.
class SimulatedGenerator : public c10::GeneratorImpl {
 public:
  SimulatedGenerator()
      : GeneratorImpl({kDeviceType, 0}, c10::DispatchKeySet(c10::DispatchKey::HPU)),
        inner_(at::detail::createCPUGenerator()) {}
  void set_current_seed(std::uint64_t seed) override { inner_.set_current_seed(seed); }
  void set_offset(std::uint64_t offset) override { inner_.set_offset(offset); }
  std::uint64_t get_offset() const override { return inner_.get_offset(); }
  std::uint64_t current_seed() const override { return inner_.current_seed(); }
  std::uint64_t seed() override { return inner_.seed(); }
  void set_state(const c10::TensorImpl& state) override {
    inner_.unsafeGetGeneratorImpl()->set_state(state);
  }
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override {
    return inner_.unsafeGetGeneratorImpl()->get_state();
  }
  at::Generator& inner() { return inner_; }

 private:
  GeneratorImpl* clone_impl() const override { return nullptr; }
  at::Generator inner_;
};

struct Tape {
  std::vector<std::function<void()>> entries;
  c10::StreamId stream = 0;
  std::vector<at::Generator> generators;
  // As they stood before the recording first touched them.
  std::map<void*, std::vector<char>> blocks_before;
  std::map<SimulatedGenerator*, at::Tensor> generators_before;
  std::set<void*> written;
};

struct Pretended {
  std::recursive_mutex mutex;
  std::map<void*, Block> blocks;
  std::int64_t held = 0;  // bytes
  int next_stream = 0;
  // What each stream and the host have waited for, in stamps of writes.
  std::uint64_t stamp = 0;
  std::map<c10::StreamId, std::uint64_t> waited;
  std::map<std::pair<c10::StreamId, c10::StreamId>, std::uint64_t> known;  // {stream, of another}
  std::set<std::string> races;
  bool watching = false;
  std::set<std::string> found;
  std::int64_t operators = 0;
  Tape* tape = nullptr;  // while something is recorded, for the thread that records
  std::vector<std::uint64_t> event_waits;  // of the host: writes between the event and the wait
  std::atomic<c10::StreamId> recorded_stream{-1};  // -1: nothing is recorded
};

Pretended& pretended();
at::DeviceAllocator& simulated_allocator();

// Whether the calling thread's stream is being recorded.
bool recording();

// Checks a use of the tensor's memory on the current stream against its last write, and notes it.
void note_use(const at::Tensor& tensor, bool writes, const std::string& by);

}  // namespace ganselect::test
