// Training batches, drawn on the device from a data set that stays there as it was stored (uint8
// for images).
#pragma once

#include <torch/types.h>

#include "datasets/dataset.h"

namespace ganselect {

struct Batch {
  torch::Tensor samples;  // float32 (n,C,H,W) in [-1,1], or (n,2) for point sets
  torch::Tensor labels;   // int64 (n); undefined when the set has none
};

// Draws indices uniformly with replacement, so a batch costs one gather and needs no epoch
// bookkeeping: the state of the generator is the whole state of the source. The generator is a
// shared handle: whoever passed it in can save and restore its state.
class BatchSource {
 public:
  // Has samples and labels on `device`, one copy for all sources of them; `generator` must live on
  // the same device. Throws kData on an empty set.
  BatchSource(const Dataset& data, torch::Device device, torch::Generator generator);

  // n >= 1 random samples.
  Batch next(int64_t n);
  // int64 (n) on the device, uniform in [0, size()): the draw that next() makes.
  torch::Tensor draw_indices(int64_t n);
  // The samples at `indices`, int64 (n) on the device.
  Batch at(const torch::Tensor& indices) const;

  int64_t size() const { return samples_.size(0); }

 private:
  torch::Tensor samples_, labels_;
  torch::Generator generator_;
};

}  // namespace ganselect
