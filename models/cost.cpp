#include "models/cost.h"

#include "models/packing.h"

namespace ganselect {
namespace {

// Multiply-adds on one sample.
struct NetworkMacs {
  double forward = 0.0;
  double reads_input = 0.0;  // of the layers that read the network's input
  double last = 0.0;         // of the last layer

  NetworkMacs over(double samples) const {
    return {forward / samples, reads_input / samples, last / samples};
  }
};

std::int64_t executed_macs(const LayerCost& cost) { return cost.macs; }
std::int64_t published_macs(const LayerCost& cost) {
  return cost.published_macs.value_or(cost.macs);
}

NetworkMacs macs_of(const std::vector<LayerCost>& costs,
                    std::int64_t (*macs_of_layer)(const LayerCost&)) {
  NetworkMacs macs;
  for (const auto& cost : costs) {
    const auto layer = static_cast<double>(macs_of_layer(cost));
    macs.forward += layer;
    if (cost.reads_input) macs.reads_input += layer;
    macs.last = layer;
  }
  return macs;
}

struct PassCounts {
  int penalty_points = 0;  // places at which penalties take gradients
  int reads_real = 0;      // real batches the generator's step scores
};

double update_flops(const CandidateSpec& candidate, const NetworkMacs& g, const NetworkMacs& d,
                    const PassCounts& passes) {
  // Weights and inputs of every layer, but no gradient in the samples themselves.
  const double critic_backward = 2 * d.forward - d.reads_input;
  // Forward, gradient in the input, and that gradient's own backward to weights and to the gradient
  // that came in; the last layer's came from a constant.
  const double penalty = 2 * d.forward + 2 * d.forward - d.last;
  const double critic_step =
      g.forward + 2 * (d.forward + critic_backward) + passes.penalty_points * penalty;
  const double generator_step =
      g.forward + (2 * g.forward - g.reads_input) + 2 * d.forward + passes.reads_real * d.forward;
  const auto batch = static_cast<double>(candidate.batch);
  const auto batch_g = candidate.batch_g > 0 ? static_cast<double>(candidate.batch_g) : batch;
  return 2.0 *
         (batch * critic_step * candidate.n_critic / candidate.n_gen + batch_g * generator_step);
}

}  // namespace

std::int64_t parameter_count(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

UpdateCost update_cost(const CandidateSpec& candidate, const Networks& networks) {
  PassCounts passes{.reads_real = loss_of(candidate).generator_needs_real ? 1 : 0};
  for (const auto& name : candidate.regularization) {
    passes.penalty_points += penalties().at(name).penalty_points;
  }
  const auto flops = [&](std::int64_t (*macs)(const LayerCost&)) {
    // A critic of packs makes one pass for a pack's samples together.
    return update_flops(candidate, macs_of(networks.generator->costs, macs),
                        macs_of(networks.critic->costs, macs).over(pack_of(candidate)), passes);
  };
  UpdateCost cost;
  cost.flops = flops(executed_macs);
  cost.published_flops = flops(published_macs);
  const double critic_steps = static_cast<double>(candidate.n_critic) / candidate.n_gen;
  cost.extra_critic_passes = critic_steps * passes.penalty_points;
  cost.critic_passes = 2 * critic_steps + 1 + passes.reads_real + cost.extra_critic_passes;
  return cost;
}

}  // namespace ganselect
