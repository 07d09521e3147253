// How far a thread may ask a device for work before the device has done it.
#pragma once

#include <c10/core/Event.h>
#include <torch/types.h>

#include <deque>

namespace ganselect {

// Pieces of work that one thread asks of the stream that is current, one after the other. Far
// ahead, a host could not stop in time, nor share the device's queue with others.
class RunAhead {
 public:
  // `most` >= 1 pieces under way; nothing is waited for on a CPU.
  RunAhead(torch::Device device, std::size_t most) : device_(device), most_(most) {}

  // Before a piece is asked for: waits until the device has done all but most - 1 of those before.
  void before();
  void after();

 private:
  torch::Device device_;
  std::size_t most_;
  std::deque<c10::Event> ends_;  // of the pieces under way, the oldest first
};

}  // namespace ganselect
