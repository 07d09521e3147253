#pragma once
// What training measures of itself at every step, summed on the device and read rarely.
#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/train/curve.h"
#include "models/losses.h"

namespace ganselect {

// Shares of real scores above, and of fake scores below, the middle between the two batch means:
// float32 scalars on the scores' device. The middle stands for every loss, as Wasserstein and
// relativistic scores have no zero.
struct CriticAccuracy {
  torch::Tensor real, fake, middle;
};
CriticAccuracy critic_accuracy(const CriticScores& scores);

class StepMeter {
 public:
  explicit StepMeter(torch::Device device);

  // One critic update: scalars on the device, scores (N,).
  void add_critic(const torch::Tensor& loss, const torch::Tensor& gradient_norm,
                  const CriticScores& scores);

  // The generator's update, which ends the step.
  void add_generator(const torch::Tensor& loss, const torch::Tensor& gradient_norm);

  // Means over the updates since the last call, into the row; waits for the device and starts anew.
  // What no critic update was made for stays without a value.
  void read(CurveRow& row);

  // Tensors that continue the sums in another meter; handles, not copies.
  std::vector<std::pair<std::string, torch::Tensor>> state() const;

 private:
  torch::Tensor sums_;       // float64 (kSums) on the device
  torch::Tensor step_;       // int64 scalar: steps ended
  torch::Tensor bad_;        // bool scalar: a value of the current step was not finite
  torch::Tensor first_bad_;  // int64 scalar: first step with such a value; 0: none so far
};

}  // namespace ganselect
