// Every loss of the table with every divergence and parameter set it can be computed with.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "models/losses.h"

namespace ganselect::test {

struct LossCase {
  std::string name;
  const LossSpec* loss;
  LossContext context;
};

// margins: (N,), for the losses that read them.
inline std::vector<LossCase> loss_cases(const torch::Tensor& margins) {
  std::vector<LossCase> cases;
  for (const auto& loss : losses()) {
    LossContext plain;
    if (loss.needs_margin) plain.margin = margins;
    if (!loss.needs_divergence) {
      cases.push_back({loss.name, &loss, plain});
      auto other = plain;
      other.parameters.loss_sensitive_gamma = 0.5;
      other.parameters.least_squares_a = -1.0;
      other.parameters.least_squares_c = 0.0;
      other.parameters.gls_slope = -0.5;
      cases.push_back({loss.name + " (other parameters)", &loss, other});
      continue;
    }
    for (const auto& divergence : divergences()) {
      for (const bool exact : {false, true}) {
        auto context = plain;
        context.divergence = &divergence;
        context.parameters.exact_f_generator = exact;
        cases.push_back(
            {loss.name + "/" + divergence.name + (exact ? " (exact)" : ""), &loss, context});
      }
    }
  }
  return cases;
}

}  // namespace ganselect::test
