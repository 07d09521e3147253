#include "base/torch/device_stream.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <mutex>
#include <set>
#include <utility>

#include "base/error.h"

namespace ganselect {
namespace {

using StreamKey = std::pair<c10::DeviceIndex, c10::StreamId>;

struct Leases {
  std::mutex mutex;
  std::set<StreamKey> in_use;
};

Leases& leases() {
  static Leases all;
  return all;
}

// The pool hands its streams out in turn, so every one has come by after this many.
constexpr int kStreamsAsked = 64;

c10::Stream lease_stream(torch::Device device) {
  const c10::impl::VirtualGuardImpl guard(device.type());
  auto& all = leases();
  const std::scoped_lock lock(all.mutex);
  for (int i = 0; i < kStreamsAsked; ++i) {
    const auto stream = guard.getStreamFromGlobalPool(device);
    if (all.in_use.emplace(stream.device_index(), stream.id()).second) return stream;
  }
  fail(ErrorKind::kFailed, {.where = "device " + device.str(),
                            .expected = "a free stream",
                            .got = std::to_string(all.in_use.size()) + " in use",
                            .hint = "run fewer trials at once"});
}

}  // namespace

DeviceStream::DeviceStream(torch::Device device) {
  if (!device.is_cpu()) stream_ = lease_stream(device);
}

DeviceStream::~DeviceStream() {
  if (!stream_) return;
  try {
    stream_->synchronize();
  } catch (const std::exception&) {
    // A device that has failed says so at the next call that may throw.
  }
  auto& all = leases();
  const std::scoped_lock lock(all.mutex);
  all.in_use.erase({stream_->device_index(), stream_->id()});
}

std::unique_ptr<c10::StreamGuard> DeviceStream::use() const {
  return stream_ ? std::make_unique<c10::StreamGuard>(*stream_) : nullptr;
}

void DeviceStream::synchronize() const {
  if (stream_) stream_->synchronize();
}

void wait_for_current_stream(torch::Device device) {
  if (device.is_cpu()) return;
  c10::impl::VirtualGuardImpl(device.type()).getStream(device).synchronize();
}

std::optional<DeviceMemory> device_memory(torch::Device device) {
  if (device.is_cpu()) return std::nullopt;
  auto* allocator = at::getDeviceAllocator(device.type());
  const auto [free_bytes, total_bytes] = allocator->getMemoryInfo(device.index());
  const auto stats = allocator->getDeviceStats(device.index());
  constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return DeviceMemory{.free_bytes = static_cast<double>(free_bytes),
                      .total_bytes = static_cast<double>(total_bytes),
                      .reserved_bytes = static_cast<double>(stats.reserved_bytes[kAll].current)};
}

}  // namespace ganselect
