// The table of regularizers. One is any of: a penalty added to the critic's loss, an action after
// each critic step, a change of the networks (spectral norm), or a setting of the critic's
// optimizer (weight decay).
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>
#include <vector>

#include "base/named_table.h"
#include "models/augmentation.h"
#include "models/backbones/networks.h"

namespace ganselect {

struct PenaltyParameters {
  double clip = 0.01;                     // weight-clip: bound on every critic parameter
  double gradient_penalty_weight = 10.0;  // lambda of gradient-penalty and dragan
  double dragan_noise = 0.5;  // step of dragan, in standard deviations of the real batch
  double r1_gamma = 1.0;      // gamma of r1 and r1+r2
};

// real, fake: what the critic sees of samples in the training range (packed, augmented), the same
// shape (N, ...); their history is not followed. noise: of their device.
struct PenaltyInput {
  Critic& critic;
  const Condition& condition;
  const torch::Tensor& real;
  const torch::Tensor& fake;
  torch::Generator noise;
};

struct RegularizerSpec {
  std::string name;
  std::vector<std::string> aliases;
  std::string paper;
  std::string arxiv;
  std::string formula;
  std::string effect;  // one sentence
  std::string known_trouble;

  // A scalar to add to the critic's loss, differentiable in the critic's parameters; nullptr: none.
  torch::Tensor (*penalty)(const PenaltyInput& input,
                           const PenaltyParameters& parameters) = nullptr;
  // Called after every critic step, gradients off; nullptr: nothing to do.
  void (*after_critic_step)(torch::nn::Module& critic,
                            const PenaltyParameters& parameters) = nullptr;

  bool gradient_penalty = false;  // one of the family of which a candidate has at most one
  int penalty_points = 0;      // batches on which `penalty` differentiates the critic in its input
  bool spectral_norm = false;  // every critic weight is divided by its largest singular value
  bool bounds_critic = false;  // keeps a Wasserstein critic from growing without limit
  bool no_batch_norm_d = false;                    // needs a critic without batch norm
  double weight_decay = 0.0;                       // of the critic's optimizer
  std::optional<bool> batch_norm_g, batch_norm_d;  // overrules the architecture's own switch
  bool needs_dropout = false;  // stands for an architecture that has dropout in its critic
  int pack = 1;                // samples that the critic judges at once (models/packing.h)
  std::optional<AugmentationPolicies> augmentation;  // the critic sees images altered by these

  // Not one of the survey's parameters: can stand behind any candidate's name.
  bool is_addition() const { return pack > 1 || augmentation.has_value(); }
};

// Rows: none, weight-clip, gradient-penalty, dragan, r1, r1+r2, spectral-norm, weight-decay,
// dropout, the switches batch-norm-g, batch-norm-d, no-batch-norm-g, no-batch-norm-d, and the
// additions pack2, pack3, pack4, diffaugment, diffaugment-translation. In a candidate "none" is the
// empty list.
const NamedTable<RegularizerSpec>& penalties();

// Sum of the penalties named; an undefined tensor when none of them is one. Unknown names are
// kUsage errors.
torch::Tensor penalty_sum(const std::vector<std::string>& regularization, const PenaltyInput& input,
                          const PenaltyParameters& parameters);
// Every after_critic_step of the regularizers named.
void after_critic_step(const std::vector<std::string>& regularization, torch::nn::Module& critic,
                       const PenaltyParameters& parameters);

}  // namespace ganselect
