// The f-divergences of f-GAN (Nowozin, Cseke & Tomioka 2016, arXiv 1606.00709, tables 1, 2 and 5).
// P is the law of the data with density p, Q the generator's with density q, D_f(P||Q) = integral
// of q f(p/q).
#pragma once

#include <torch/torch.h>

#include <string>

#include "base/named_table.h"

namespace ganselect {

struct DivergenceSpec {
  std::string name;
  std::string generator_function;   // f(u)
  std::string activation_formula;   // g(v)
  std::string conjugate_formula;    // f*(t)
  std::string composition_formula;  // f*(g(v)), the stable form that is computed
  std::string optimal_score;        // v at which g(v) = T* = f'(p/q), with r = log p - log q

  // Elementwise on tensors of any shape and floating type.
  torch::Tensor (*activation)(const torch::Tensor& v);  // g(v): a score into the domain of f*
  torch::Tensor (*conjugate)(
      const torch::Tensor& t);  // f*(t) as printed; for checks, not for training
  torch::Tensor (*conjugate_of_activation)(
      const torch::Tensor& v);  // f*(g(v)), finite for |v| <= 80 in float32
  torch::Tensor (*score_of_log_ratio)(const torch::Tensor& r);  // the optimal critic's score

  double lr = 2e-4;  // Adam's default; half of it where exp or a square makes steep gradients
  std::string curve_hint;
  std::string known_trouble;
};

const NamedTable<DivergenceSpec>& divergences();

}  // namespace ganselect
