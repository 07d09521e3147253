#include "harness/train/memory.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <mutex>

namespace ganselect {

struct MemoryMeter::Counter : c10::MemoryReportingInfoBase {
  explicit Counter(torch::Device device) : device(device) {}

  void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t,
                         c10::Device where) override {
    if (where.type() != device.type()) return;
    const std::lock_guard lock(mutex);
    held += bytes;
    peak = std::max(peak, held);
  }
  bool memoryProfilingEnabled() const override { return true; }

  torch::Device device;
  mutable std::mutex mutex;
  std::int64_t held = 0, peak = 0;
};

struct MemoryMeter::Guard {
  explicit Guard(std::shared_ptr<Counter> counter)
      : guard(c10::DebugInfoKind::PROFILER_STATE, std::move(counter)) {}
  c10::DebugInfoGuard guard;
};

MemoryMeter::MemoryMeter(torch::Device device)
    : counter_(std::make_shared<Counter>(device)), guard_(std::make_unique<Guard>(counter_)) {}

MemoryMeter::~MemoryMeter() = default;

std::int64_t MemoryMeter::peak_bytes() const {
  const std::lock_guard lock(counter_->mutex);
  return counter_->peak;
}

}  // namespace ganselect
