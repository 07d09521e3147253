// Streams, memory and generators of the pretended accelerator.
#include <ATen/detail/HPUHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tests/accelerator/simulated_device.h"
#include "tests/accelerator/simulated_state.h"

namespace ganselect::test {

thread_local c10::StreamId current_stream = 0;
thread_local bool inside_host_call = false;

Pretended& pretended() {
  static auto* only = new Pretended;  // outlives every tensor
  return *only;
}

bool recording() { return pretended().recorded_stream == current_stream; }

void note_use(const at::Tensor& t, bool writes, const std::string& name) {
  auto& d = pretended();
  const std::scoped_lock lock(d.mutex);
  const auto found = d.blocks.find(const_cast<void*>(t.storage().data()));
  if (found == d.blocks.end()) return;
  auto& block = found->second;
  if (block.written > 0 && block.stream != current_stream) {
    const auto seen = std::max(d.waited[block.stream], d.known[{current_stream, block.stream}]);
    if (block.written > seen) {
      d.races.insert(name + " on stream " + std::to_string(current_stream) + " of memory from " +
                     std::to_string(block.stream));
    }
  }
  if (!writes) return;
  block.written = ++d.stamp;
  block.stream = current_stream;
  if (!recording()) return;
  d.tape->written.insert(found->first);
  const auto* bytes = static_cast<const char*>(found->first);
  if (!block.born_recording)
    d.tape->blocks_before.try_emplace(found->first, bytes, bytes + block.bytes);
}

namespace {

constexpr int kPoolStreams = 32;

at::Device simulated() { return {kDeviceType, 0}; }

struct Event {
  c10::StreamId stream = 0;
  std::uint64_t stamp = 0;
};

void release(void* pointer) {
  auto& d = pretended();
  const std::scoped_lock lock(d.mutex);
  const auto block = d.blocks.find(pointer);
  d.held -= static_cast<std::int64_t>(block->second.bytes);
  d.blocks.erase(block);
  std::free(pointer);
}

struct SimulatedAllocator : at::DeviceAllocator {
  at::DataPtr allocate(std::size_t bytes) override {
    auto& d = pretended();
    const std::scoped_lock lock(d.mutex);
    void* pointer = std::aligned_alloc(64, (std::max<std::size_t>(bytes, 1) + 63) / 64 * 64);
    std::memset(pointer, kPoison, bytes);
    d.blocks[pointer] = {.bytes = bytes, .stream = current_stream, .born_recording = recording()};
    d.held += static_cast<std::int64_t>(bytes);
    return {pointer, pointer, &release, simulated()};
  }
  void copy_data(void* to, const void* from, std::size_t count) const override {
    std::memcpy(to, from, count);
  }
  bool initialized() override { return true; }
  void emptyCache(at::MempoolId_t) override {}
  void recordStream(const at::DataPtr&, c10::Stream) override {}
  at::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override {
    at::CachingDeviceAllocator::DeviceStats stats;
    stats.reserved_bytes[0].current = pretended().held;
    return stats;
  }
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override {}
  std::pair<std::size_t, std::size_t> getMemoryInfo(c10::DeviceIndex) override {
    return {static_cast<std::size_t>(kSimulatedBytes - pretended().held),
            static_cast<std::size_t>(kSimulatedBytes)};
  }
};

struct SimulatedGuard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kDeviceType; }
  at::Device exchangeDevice(at::Device) const override { return simulated(); }
  at::Device getDevice() const override { return simulated(); }
  void setDevice(at::Device) const override {}
  void uncheckedSetDevice(at::Device) const noexcept override {}
  c10::Stream getStream(at::Device) const override { return stream(current_stream); }
  c10::Stream getDefaultStream(at::Device) const override { return stream(0); }
  c10::Stream getStreamFromGlobalPool(at::Device, bool) const override {
    const std::scoped_lock lock(pretended().mutex);
    return stream(1 + pretended().next_stream++ % kPoolStreams);
  }
  c10::Stream exchangeStream(c10::Stream to) const override {
    return stream(std::exchange(current_stream, to.id()));
  }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  void record(void** event, const c10::Stream& on, const c10::DeviceIndex,
              const c10::EventFlag) const override {
    const std::scoped_lock lock(pretended().mutex);
    if (*event == nullptr) *event = new Event;
    *static_cast<Event*>(*event) = {on.id(), pretended().stamp};
  }
  void block(void* event, const c10::Stream& on) const override {
    const std::scoped_lock lock(pretended().mutex);
    const auto* made = static_cast<const Event*>(event);
    auto& seen = pretended().known[{on.id(), made->stream}];
    seen = std::max(seen, made->stamp);
  }
  void synchronizeEvent(void* event) const override {
    const std::scoped_lock lock(pretended().mutex);
    const auto* made = static_cast<const Event*>(event);
    auto& seen = pretended().waited[made->stream];
    seen = std::max(seen, made->stamp);
    pretended().event_waits.push_back(pretended().stamp - made->stamp);
  }
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void* event, const c10::DeviceIndex) const noexcept override {
    delete static_cast<Event*>(event);
  }
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream& on) const override {
    const std::scoped_lock lock(pretended().mutex);
    if (pretended().watching) pretended().found.insert("a wait for the stream");
    pretended().waited[on.id()] = pretended().stamp;
  }
  void synchronizeDevice(const c10::DeviceIndex) const override {
    TORCH_CHECK(false, "a wait for the whole device breaks another thread's recording");
  }
  void recordDataPtrOnStream(const c10::DataPtr&, const c10::Stream&) const override {}

 private:
  static c10::Stream stream(c10::StreamId id) {
    return c10::Stream(c10::Stream::UNSAFE, simulated(), id);
  }
};
C10_REGISTER_GUARD_IMPL(HPU, SimulatedGuard);

// LibTorch asks its registry for a class of this name.
struct HPUHooks : at::HPUHooksInterface {
  explicit HPUHooks(at::HPUHooksArgs = {}) {}
  void init() const override {}
  bool hasHPU() const override { return true; }
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  at::Generator getNewGenerator(c10::DeviceIndex) const override {
    return at::make_generator<SimulatedGenerator>();
  }
};
using at::HPUHooksRegistry, at::RegistererHPUHooksRegistry;
REGISTER_HPU_HOOKS(HPUHooks)

const bool registered = [] {
  c10::SetAllocator(kDeviceType, &simulated_allocator());
  return true;
}();

}  // namespace

at::DeviceAllocator& simulated_allocator() {
  static auto* only = new SimulatedAllocator;
  return *only;
}

}  // namespace ganselect::test
