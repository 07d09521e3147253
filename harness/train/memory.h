#pragma once
// Peak of the tensor memory that the current thread's work holds on one device.
#include <torch/torch.h>

#include <cstdint>
#include <memory>

namespace ganselect {

// Counts what LibTorch's allocators hand out and take back between construction and destruction,
// for work begun on this thread (autograd's threads included); other trials of the process are not
// counted, unlike in a process-wide figure. Scratch memory that libraries allocate by themselves is
// not seen. One at a time in a thread.
class MemoryMeter {
 public:
  explicit MemoryMeter(torch::Device device);
  ~MemoryMeter();
  MemoryMeter(const MemoryMeter&) = delete;
  MemoryMeter& operator=(const MemoryMeter&) = delete;

  std::int64_t peak_bytes() const;

 private:
  struct Counter;
  struct Guard;
  std::shared_ptr<Counter> counter_;
  std::unique_ptr<Guard> guard_;
};

}  // namespace ganselect
