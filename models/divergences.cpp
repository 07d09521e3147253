#include "models/divergences.h"

#include <cmath>
#include <vector>

namespace ganselect {
namespace {

using torch::Tensor;

// softplus(v) = log(1 + e^v) for any v; LibTorch's own cuts off at 20, which costs ten digits in
// float64.
Tensor divergence_softplus(const Tensor& v) { return -torch::log_sigmoid(-v); }

Tensor identity_activation(const Tensor& v) { return v; }

Tensor kl_conjugate(const Tensor& t) { return torch::exp(t - 1); }
Tensor kl_composition(const Tensor& v) { return torch::exp(v - 1); }
Tensor kl_score(const Tensor& r) { return 1 + r; }

Tensor reverse_kl_activation(const Tensor& v) { return -torch::exp(-v); }
Tensor reverse_kl_conjugate(const Tensor& t) { return -1 - torch::log(-t); }
Tensor reverse_kl_composition(const Tensor& v) { return v - 1; }

Tensor pearson_conjugate(const Tensor& t) { return t.square() / 4 + t; }
Tensor pearson_score(const Tensor& r) { return 2 * torch::expm1(r); }

Tensor hellinger_activation(const Tensor& v) { return -torch::expm1(-v); }
Tensor hellinger_conjugate(const Tensor& t) { return t / (1 - t); }
Tensor hellinger_composition(const Tensor& v) { return torch::expm1(v); }
Tensor hellinger_score(const Tensor& r) { return r / 2; }

const double kLog2 = std::log(2.0);
Tensor jensen_shannon_activation(const Tensor& v) { return kLog2 + torch::log_sigmoid(v); }
Tensor jensen_shannon_conjugate(const Tensor& t) { return -torch::log(2 - torch::exp(t)); }
Tensor jensen_shannon_composition(const Tensor& v) { return divergence_softplus(v) - kLog2; }

Tensor gan_activation(const Tensor& v) { return torch::log_sigmoid(v); }
Tensor gan_conjugate(const Tensor& t) { return -torch::log1p(-torch::exp(t)); }

Tensor log_ratio_itself(const Tensor& r) { return r; }

constexpr const char* kBoundHint =
    "Minus the critic's loss is a lower bound of the divergence: it rises while the critic learns, "
    "then falls towards its value at P = Q as the generator catches up.";

std::vector<DivergenceSpec> divergence_rows() {
  return {
      {.name = "kl",
       .generator_function = "u log u",
       .activation_formula = "v",
       .conjugate_formula = "exp(t - 1)",
       .composition_formula = "exp(v - 1)",
       .optimal_score = "1 + r",
       .activation = identity_activation,
       .conjugate = kl_conjugate,
       .conjugate_of_activation = kl_composition,
       .score_of_log_ratio = kl_score,
       .lr = 1e-4,
       .curve_hint = std::string(kBoundHint) + " At P = Q the bound is 0.",
       .known_trouble = "exp(v - 1) grows with every generated sample the critic scores high: "
                        "spikes of loss and gradient, overflow above v = 89 in float32."},
      {.name = "reverse-kl",
       .generator_function = "-log u",
       .activation_formula = "-exp(-v)",
       .conjugate_formula = "-1 - log(-t)",
       .composition_formula = "v - 1",
       .optimal_score = "r",
       .activation = reverse_kl_activation,
       .conjugate = reverse_kl_conjugate,
       .conjugate_of_activation = reverse_kl_composition,
       .score_of_log_ratio = log_ratio_itself,
       .lr = 1e-4,
       .curve_hint = std::string(kBoundHint) + " At P = Q the bound is 0.",
       .known_trouble = "Seeks modes, so diversity suffers; exp(-v) blows up on real samples the "
                        "critic scores low."},
      {.name = "pearson",
       .generator_function = "(u - 1)^2",
       .activation_formula = "v",
       .conjugate_formula = "t^2/4 + t",
       .composition_formula = "v^2/4 + v",
       .optimal_score = "2 (e^r - 1)",
       .activation = identity_activation,
       .conjugate = pearson_conjugate,
       .conjugate_of_activation = pearson_conjugate,
       .score_of_log_ratio = pearson_score,
       .lr = 1e-4,
       .curve_hint = std::string(kBoundHint) + " At P = Q the bound is 0.",
       .known_trouble = "The optimal score grows with the density ratio itself, so thin overlap "
                        "gives huge scores and squares of them."},
      {.name = "squared-hellinger",
       .generator_function = "(sqrt(u) - 1)^2",
       .activation_formula = "1 - exp(-v)",
       .conjugate_formula = "t / (1 - t)",
       .composition_formula = "exp(v) - 1",
       .optimal_score = "r / 2",
       .activation = hellinger_activation,
       .conjugate = hellinger_conjugate,
       .conjugate_of_activation = hellinger_composition,
       .score_of_log_ratio = hellinger_score,
       .lr = 1e-4,
       .curve_hint = std::string(kBoundHint) + " At P = Q the bound is 0, and it cannot exceed 2.",
       .known_trouble = "Exponentials on both sides: spikes when the critic is sure and wrong."},
      {.name = "jensen-shannon",
       .generator_function = "u log u - (u + 1) log((u + 1) / 2)",
       .activation_formula = "log 2 - s(-v)",
       .conjugate_formula = "-log(2 - e^t)",
       .composition_formula = "s(v) - log 2",
       .optimal_score = "r",
       .activation = jensen_shannon_activation,
       .conjugate = jensen_shannon_conjugate,
       .conjugate_of_activation = jensen_shannon_composition,
       .score_of_log_ratio = log_ratio_itself,
       .curve_hint = std::string(kBoundHint) +
                     " At P = Q the bound is 0, and it cannot exceed 2 log 2 = 1.386 (this f gives "
                     "twice the Jensen-Shannon divergence).",
       .known_trouble = "Saturates when the critic separates the two; the practical generator loss "
                        "-E g(fake) keeps a gradient."},
      {.name = "gan",
       .generator_function = "u log u - (u + 1) log(u + 1)",
       .activation_formula = "-s(-v)",
       .conjugate_formula = "-log(1 - e^t)",
       .composition_formula = "s(v)",
       .optimal_score = "r",
       .activation = gan_activation,
       .conjugate = gan_conjugate,
       .conjugate_of_activation = divergence_softplus,
       .score_of_log_ratio = log_ratio_itself,
       .curve_hint = std::string(kBoundHint) +
                     " At P = Q the bound is -2 log 2 = -1.386, and it cannot exceed 0.",
       .known_trouble =
           "The same critic as non-saturating; a sure critic leaves no gradient to the "
           "exact generator loss."},
  };
}

}  // namespace

const NamedTable<DivergenceSpec>& divergences() {
  static const NamedTable<DivergenceSpec> table("divergence", divergence_rows());
  return table;
}

}  // namespace ganselect
