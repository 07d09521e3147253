// What trainings and evaluations that share a process must agree on before they use an accelerator:
// who gets work ready for recording, and whether products round to TF32, a switch that belongs to
// the process. Replays need neither: any number of them run beside everything here.
#pragma once

#include <mutex>

namespace ganselect {

// Warming up, recording, and the end of a recording: one thread at a time. A recording reads and
// writes LibTorch's default generator and its allocator's list of recordings, which have no lock
// of their own (2.11); a replay of what never draws from the default generator touches neither.
std::unique_lock<std::mutex> recording_lock();

// For as long as one of these lives, float32 products and convolutions that an accelerator is asked
// for round their inputs to TF32 or do not, as asked; without any they do not. Several that ask the
// same overlap, also on one thread. One that asks otherwise waits until those before it have ended,
// and all later ones wait for it, so that nobody waits for ever: keep it for what asks the device
// for work, not for what waits for the device. Where both are held, recording_lock comes first.
// kFailed where the thread already holds one that asks otherwise.
class ProductRounding {
 public:
  explicit ProductRounding(bool tf32);
  ~ProductRounding();
  ProductRounding(const ProductRounding&) = delete;
  ProductRounding& operator=(const ProductRounding&) = delete;
};

// Products of float32 in full precision, for measuring.
struct ExactProducts : ProductRounding {
  ExactProducts() : ProductRounding(/*tf32=*/false) {}
};

}  // namespace ganselect
