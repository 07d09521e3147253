#pragma once
// Exponential moving average of a generator: of its parameters and its floating-point buffers
// (batch norm's statistics), so that the average can be sampled from without recalibration.
#include <torch/torch.h>

#include <memory>
#include <vector>

#include "models/backbones/networks.h"

namespace ganselect {

class Ema {
 public:
  // `average` is a second network of the same structure as `source`; it starts as a copy. decay in
  // (0, 1).
  Ema(std::shared_ptr<Generator> source, std::shared_ptr<Generator> average, double decay);

  // average = d average + (1 - d) source; buffers of whole numbers are copied. After t updates
  // (int64 scalar on the device) d = min(decay, (1 + t) / (10 + t)), so that the first, untrained
  // weights are forgotten soon and a checkpoint is what a training of its length would give.
  void update(const torch::Tensor& updates);

  Generator& average() { return *average_; }
  const std::shared_ptr<Generator>& network() const { return average_; }

 private:
  std::shared_ptr<Generator> source_;
  std::shared_ptr<Generator> average_;
  double decay_;
  std::vector<torch::Tensor> source_floats_, average_floats_;
  std::vector<torch::Tensor> source_wholes_, average_wholes_;
};

// Copies every parameter and buffer of `from` into the same place of `to`; both of one structure.
void copy_weights(const torch::nn::Module& from, torch::nn::Module& to);

}  // namespace ganselect
