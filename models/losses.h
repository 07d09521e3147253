// The table of losses: what critic and generator minimize, as functions of the critic's raw scores.
// N scores a side. Adding a loss is one row in models/losses.cpp.
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>
#include <vector>

#include "base/named_table.h"
#include "models/divergences.h"

namespace ganselect {

// Raw scores of one critic on a real and a generated batch, each (N,) of a floating type. Paired
// losses read real[i] with fake[i] and need equal lengths (kFailed otherwise).
struct CriticScores {
  torch::Tensor real;
  torch::Tensor fake;
};

struct LossParameters {
  double least_squares_a = 0.0, least_squares_b = 1.0,
         least_squares_c = 1.0;  // (-1, 1, 0): Pearson chi^2
  // Weight of the margin of the loss-sensitive family, at 64x64x3; pair_margin scales it to other
  // shapes.
  double margin_weight = 2e-4;
  // The paper's gamma of loss-sensitive; nothing: its first term is dropped, as in the authors'
  // code (gamma -> 0).
  std::optional<double> loss_sensitive_gamma;
  // nu of generalized-loss-sensitive, at most 1: 0 is loss-sensitive, 1 Wasserstein, -1 the L1
  // cost.
  double gls_slope = 0.01;
  bool exact_f_generator =
      false;  // f-divergence: the generator minimizes -E f*(g(fake)) instead of -E g(fake)
};

// What a loss may read besides the scores.
struct LossContext {
  LossParameters parameters;
  const DivergenceSpec* divergence = nullptr;  // set for losses with needs_divergence
  torch::Tensor margin;  // (N,) pair_margin of the batch, for losses with needs_margin
};

struct LossSpec {
  std::string name;
  std::vector<std::string> aliases;
  std::string paper;
  std::string arxiv;
  std::string
      critic_formula;  // C(x) is written real or fake, s(v) = log(1 + e^v), E the batch mean
  std::string generator_formula;
  std::string minimizes;  // the divergence it is known to minimize at an optimal critic
  bool paired = false;    // real[i] goes with fake[i]
  bool needs_divergence = false;
  bool needs_margin = false;  // the critic's loss reads LossContext::margin
  bool needs_bound = false;   // the critic's loss has no minimum unless something bounds the critic
  double lr = 2e-4;           // Adam's default with this loss
  bool generator_needs_real =
      false;  // the generator's loss reads scores.real (no gradient is needed through them)

  // Both return a scalar of the scores' type. scores.real may be undefined for the generator unless
  // generator_needs_real.
  torch::Tensor (*critic)(const CriticScores& scores, const LossContext& context);
  torch::Tensor (*generator)(const CriticScores& scores, const LossContext& context);

  std::string curve_hint;  // what the loss curve should look like
  std::string known_trouble;
};

const NamedTable<LossSpec>& losses();

// Checked calls: shapes, types, divergence and margin first (kFailed), then the row's function.
torch::Tensor critic_loss(const LossSpec& loss, const CriticScores& scores,
                          const LossContext& context);
torch::Tensor generator_loss(const LossSpec& loss, const CriticScores& scores,
                             const LossContext& context);

// Delta(x, x') of the loss-sensitive family (Qi 2020, arXiv 1701.06264): L1 distance summed over
// each pair, times margin_weight * 12288 / (numbers in a sample). real, fake: the same shape (N,
// ...). Returns (N,) without gradient.
torch::Tensor pair_margin(const torch::Tensor& real, const torch::Tensor& fake,
                          const LossParameters& parameters);

}  // namespace ganselect
