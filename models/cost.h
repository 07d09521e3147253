// What an update costs by the shapes alone: parameters and FLOPs of one iteration.
#pragma once

#include <cstdint>

#include "models/build.h"
#include "models/candidates.h"

namespace ganselect {

// Trainable numbers; buffers are not counted.
std::int64_t parameter_count(const torch::nn::Module& module);

struct UpdateCost {
  double flops = 0.0;            // convolutions and matrix products, 2 per multiply-add, executed
  double published_flops = 0.0;  // of the layers as their sources write them
  double critic_passes = 0.0;    // batches sent through the critic, forward, in all
  double extra_critic_passes = 0.0;  // of these, those a penalty asks for
};

// For each generator step, so a share of a critic step where n_gen > 1: n_critic critic steps
// (generator forward without gradient, real and fake through the critic, penalties) and one
// generator step with the critic's parameters frozen, `batch` samples a side. Normalizations,
// activations, optimizers and power iterations are left out. A layer's backward counts one product
// for the weights and one for its input where a gradient is needed there.
UpdateCost update_cost(const CandidateSpec& candidate, const Networks& networks);

}  // namespace ganselect
