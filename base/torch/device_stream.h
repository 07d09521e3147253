// A stream of its own for each user of an accelerator, so that several threads' work overlaps and a
// recording of one never meets the work of another. On the CPU there are no streams and all of this
// does nothing.
#pragma once

#include <c10/core/StreamGuard.h>
#include <torch/types.h>

#include <memory>
#include <optional>

namespace ganselect {

// A stream that nobody else in the process uses until it is given back.
class DeviceStream {
 public:
  // kFailed when all of the device's streams are in use (LibTorch keeps 32).
  explicit DeviceStream(torch::Device device);
  // Waits for the stream's work.
  ~DeviceStream();
  DeviceStream(const DeviceStream&) = delete;
  DeviceStream& operator=(const DeviceStream&) = delete;

  // Makes it the current stream of the calling thread until the guard ends, which must happen on
  // the same thread; empty on the CPU.
  std::unique_ptr<c10::StreamGuard> use() const;

  // Waits until the stream's work is done; other streams are not waited for.
  void synchronize() const;

  const std::optional<c10::Stream>& stream() const { return stream_; }

 private:
  std::optional<c10::Stream> stream_;
};

// Waits for the calling thread's current stream of the device, so that what was made on it may be
// used from any other.
void wait_for_current_stream(torch::Device device);

// Memory of the device in bytes; nothing for the CPU.
struct DeviceMemory {
  double free_bytes = 0, total_bytes = 0;
  double reserved_bytes = 0;  // held by this process's allocator
};
std::optional<DeviceMemory> device_memory(torch::Device device);

}  // namespace ganselect
