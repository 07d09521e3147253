#include "models/cost.h"

namespace ganselect {
namespace {

// Multiply-adds on one sample.
struct NetworkMacs {
  double forward = 0.0;
  double reads_input = 0.0;  // of the layers that read the network's input
  double last = 0.0;         // of the last layer
};

NetworkMacs macs_of(const std::vector<LayerCost>& costs) {
  NetworkMacs macs;
  for (const auto& cost : costs) {
    macs.forward += static_cast<double>(cost.macs);
    if (cost.reads_input) macs.reads_input += static_cast<double>(cost.macs);
  }
  if (!costs.empty()) macs.last = static_cast<double>(costs.back().macs);
  return macs;
}

}  // namespace

std::int64_t parameter_count(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

UpdateCost update_cost(const CandidateSpec& candidate, const Networks& networks) {
  const auto g = macs_of(networks.generator->costs);
  const auto d = macs_of(networks.critic->costs);
  int points = 0;
  for (const auto& name : candidate.regularization) points += penalties().at(name).penalty_points;
  const int reads_real = loss_of(candidate).generator_needs_real ? 1 : 0;

  // Weights and inputs of every layer, but no gradient in the samples themselves.
  const double critic_backward = 2 * d.forward - d.reads_input;
  // Forward, gradient in the input, and that gradient's own backward to weights and to the gradient
  // that came in; the last layer's came from a constant.
  const double penalty = 2 * d.forward + 2 * d.forward - d.last;
  const double critic_step = g.forward + 2 * (d.forward + critic_backward) + points * penalty;
  const double generator_step =
      g.forward + (2 * g.forward - g.reads_input) + 2 * d.forward + reads_real * d.forward;

  UpdateCost cost;
  cost.flops = 2.0 * static_cast<double>(candidate.batch) *
               (candidate.n_critic * critic_step + generator_step);
  cost.extra_critic_passes = candidate.n_critic * points;
  cost.critic_passes = 2 * candidate.n_critic + 1 + reads_real + cost.extra_critic_passes;
  return cost;
}

}  // namespace ganselect
