#include "models/penalties.h"

#include <ATen/ops/_foreach_clamp_max.h>
#include <ATen/ops/_foreach_clamp_min.h>

#include <utility>

namespace ganselect {
namespace {

using torch::Tensor;

std::vector<std::int64_t> all_but_first(const Tensor& x) {
  std::vector<std::int64_t> dims;
  for (std::int64_t d = 1; d < x.dim(); ++d) dims.push_back(d);
  return dims;
}

// (N, 1, ...)
std::vector<std::int64_t> one_a_sample(const Tensor& x) {
  auto shape = std::vector<std::int64_t>(static_cast<std::size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return shape;
}

// grad C(x) for each sample, of the shape of x, itself differentiable in the critic's parameters.
// The sum over the batch gives per-sample gradients because no score depends on another sample
// (hence no batch norm).
Tensor input_gradient(const PenaltyInput& input, const Tensor& samples) {
  const auto x = samples.detach().requires_grad_(true);
  const auto score = input.critic.forward(x, input.condition).sum();
  return torch::autograd::grad({score}, {x}, /*grad_outputs=*/{}, /*retain_graph=*/true,
                               /*create_graph=*/true)[0];
}

// E (||grad C(x)||_2 - 1)^2. The norm's derivative at a gradient of zero is taken as zero.
Tensor distance_to_unit_norm(const PenaltyInput& input, const Tensor& x) {
  const auto gradient = input_gradient(input, x);
  const auto norm = torch::linalg_vector_norm(gradient, 2, all_but_first(gradient));
  return (norm - 1).square().mean();
}

// E ||grad C(x)||_2^2
Tensor squared_norm(const PenaltyInput& input, const Tensor& x) {
  const auto gradient = input_gradient(input, x);
  return gradient.square().sum(all_but_first(gradient)).mean();
}

Tensor wgan_gradient_penalty(const PenaltyInput& input, const PenaltyParameters& parameters) {
  const auto share = torch::rand(one_a_sample(input.real), input.noise, input.real.options());
  const auto between = input.real.detach() + share * (input.fake - input.real).detach();
  return parameters.gradient_penalty_weight * distance_to_unit_norm(input, between);
}

// The step's direction and length in each number, and how far of it each sample goes, as in the
// authors' code; the deviation is one number for the whole batch there too.
Tensor dragan_penalty(const PenaltyInput& input, const PenaltyParameters& parameters) {
  const auto real = input.real.detach();
  const auto deviation = real.std(/*unbiased=*/false);
  const auto u = torch::rand(real.sizes(), input.noise, real.options());
  const auto share = torch::rand(one_a_sample(real), input.noise, real.options());
  return parameters.gradient_penalty_weight *
         distance_to_unit_norm(input, real + parameters.dragan_noise * deviation * share * u);
}

Tensor r1_penalty(const PenaltyInput& input, const PenaltyParameters& parameters) {
  return 0.5 * parameters.r1_gamma * squared_norm(input, input.real);
}

Tensor r1_r2_penalty(const PenaltyInput& input, const PenaltyParameters& parameters) {
  return 0.5 * parameters.r1_gamma *
         (squared_norm(input, input.real) + squared_norm(input, input.fake));
}

void clip_weights(torch::nn::Module& critic, const PenaltyParameters& parameters) {
  const torch::NoGradGuard no_grad;
  const auto all = critic.parameters();
  at::_foreach_clamp_min_(all, -parameters.clip);
  at::_foreach_clamp_max_(all, parameters.clip);
}

std::vector<RegularizerSpec> training_rows() {
  return {
      {.name = "none", .effect = "No regularization."},
      {.name = "weight-clip",
       .aliases = {"clip"},
       .paper = "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN",
       .arxiv = "1701.07875",
       .formula = "w <- min(max(w, -c), c) after each critic step, c = 0.01",
       .effect = "Keeps every critic parameter, batch norm's included, within [-c, c], and with it "
                 "the critic's Lipschitz constant bounded.",
       .known_trouble = "Pushes weights to the two bounds; gradients vanish or explode with depth.",
       .after_critic_step = clip_weights,
       .bounds_critic = true},
      {.name = "gradient-penalty",
       .aliases = {"gp"},
       .paper = "Gulrajani et al. 2017, Improved Training of Wasserstein GANs",
       .arxiv = "1704.00028",
       .formula = "lambda E (||grad C(x)||_2 - 1)^2, x uniform between real and fake, lambda = 10",
       .effect = "Holds the norm of the critic's gradient near 1 between data and samples.",
       .known_trouble = "Twice the work of a critic step; needs a critic without batch norm.",
       .penalty = wgan_gradient_penalty,
       .gradient_penalty = true,
       .penalty_points = 1,
       .bounds_critic = true,
       .no_batch_norm_d = true},
      {.name = "dragan",
       .paper = "Kodali et al. 2017, On Convergence and Stability of GANs",
       .arxiv = "1705.07215",
       .formula =
           "lambda E (||grad C(x)||_2 - 1)^2, x = x_r + 0.5 std(x_r) a u, a of each sample and u "
           "of each number uniform in [0, 1], std over the batch, lambda = 10",
       .effect = "Holds the norm of the critic's gradient near 1 around the data.",
       .known_trouble = "Says nothing of regions far from the data; needs a critic without batch "
                        "norm.",
       .penalty = dragan_penalty,
       .gradient_penalty = true,
       .penalty_points = 1,
       .bounds_critic = true,
       .no_batch_norm_d = true},
      {.name = "r1",
       .paper = "Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually "
                "Converge?",
       .arxiv = "1801.04406",
       .formula = "(gamma/2) E ||grad C(x_r)||^2",
       .effect = "Flattens the critic on the data, so that training converges near equilibrium.",
       .known_trouble = "gamma depends on the data and the image size; too large blurs.",
       .penalty = r1_penalty,
       .gradient_penalty = true,
       .penalty_points = 1,
       .bounds_critic = true,
       .no_batch_norm_d = true},
      {.name = "r1+r2",
       .paper = "Mescheder et al. 2018; Huang et al. 2024, The GAN is dead; long live the GAN!",
       .arxiv = "2501.05441",
       .formula = "(gamma/2) E ||grad C(x_r)||^2 + (gamma/2) E ||grad C(x_f)||^2",
       .effect = "Flattens the critic on data and samples alike.",
       .known_trouble = "Two gradient penalties to pay for; gamma as in r1.",
       .penalty = r1_r2_penalty,
       .gradient_penalty = true,
       .penalty_points = 2,
       .bounds_critic = true,
       .no_batch_norm_d = true},
      {.name = "spectral-norm",
       .aliases = {"sn"},
       .paper = "Miyato et al. 2018, Spectral Normalization for Generative Adversarial Networks",
       .arxiv = "1802.05957",
       .formula = "W / sigma(W) for every critic weight, sigma by one power iteration a forward",
       .effect = "Bounds the Lipschitz constant of every layer by 1.",
       .known_trouble = "Bounds the matrix of a convolution's weights, not the convolution itself.",
       .spectral_norm = true,
       .bounds_critic = true,
       .no_batch_norm_d = true},
      {.name = "weight-decay",
       .aliases = {"wd"},
       .paper = "Lim & Ye 2017, Geometric GAN",
       .arxiv = "1705.02894",
       .formula = "gradient + decay w in the critic's optimizer, decay = 1e-3; geometric-gan: 1/64 "
                  "on the last layer's weight alone",
       .effect = "Pulls the critic's parameters towards zero.",
       .known_trouble = "With Adam the pull is divided by the size of the gradient.",
       .weight_decay = 1e-3},
  };
}

std::vector<RegularizerSpec> switch_rows() {
  const std::string paper = "Lucic et al. 2018, Are GANs Created Equal?";
  const std::string arxiv = "1711.10337";
  return {
      {.name = "dropout",
       .paper = "Srivastava et al. 2014, Dropout; Goodfellow et al. 2014",
       .arxiv = "1406.2661",
       .formula = "half of each hidden layer's outputs in the critic are zero, the rest doubled",
       .effect = "Part of the architecture fc.",
       .needs_dropout = true},
      {.name = "batch-norm-g",
       .paper = paper,
       .arxiv = arxiv,
       .formula = "(x - mean) / sd over the batch, gain and bias",
       .effect = "Batch norm in the generator.",
       .known_trouble = "Samples of one batch depend on one another in training.",
       .batch_norm_g = true},
      {.name = "batch-norm-d",
       .paper = paper,
       .arxiv = arxiv,
       .formula = "(x - mean) / sd over the batch, gain and bias",
       .effect = "Batch norm in the critic.",
       .known_trouble = "Undoes the Lipschitz bound of spectral norm and mixes the samples whose "
                        "gradients a penalty takes one by one.",
       .batch_norm_d = true},
      {.name = "no-batch-norm-g",
       .paper = paper,
       .arxiv = arxiv,
       .effect = "Takes batch norm out of the generator.",
       .batch_norm_g = false},
      {.name = "no-batch-norm-d",
       .paper = paper,
       .arxiv = arxiv,
       .effect = "Takes batch norm out of the critic.",
       .batch_norm_d = false},
  };
}

std::vector<RegularizerSpec> addition_rows() {
  std::vector<RegularizerSpec> rows;
  for (const int m : {2, 3, 4}) {
    const auto count = std::to_string(m);
    rows.push_back({.name = "pack" + count,
                    .paper = "Lin et al. 2018, PacGAN: The power of two samples",
                    .arxiv = "1712.04086",
                    .formula = "C(x_1, ..., x_" + count +
                               ") in place of C(x), the samples drawn "
                               "independently; the losses' means are over packs",
                    .effect = "The critic judges " + count +
                              " samples at once, so that it sees "
                              "when they are too much alike.",
                    .known_trouble = "As many fewer scores a batch; the published code keeps their "
                                     "number and takes " +
                                     count + " times the samples.",
                    .pack = m});
  }
  rows.push_back({.name = "diffaugment",
                  .paper = "Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN "
                           "Training",
                  .arxiv = "2006.10738",
                  .formula = "C(T(x)) for real and generated x, in both steps; T: random color, "
                             "translation by up to 1/8, cutout of 1/2",
                  .effect = "Keeps the critic from learning few images by heart.",
                  .known_trouble = "With many images it slows training down a little.",
                  .augmentation = AugmentationPolicies{}});
  rows.push_back(rows.back());
  rows.back().name = "diffaugment-translation";
  rows.back().formula =
      "C(T(x)) for real and generated x, in both steps; T: translation by up to 1/8";
  rows.back().effect =
      "Keeps the critic from learning few images by heart, and leaves colours and parts alone.";
  rows.back().augmentation = AugmentationPolicies{.color = false, .cutout = false};
  return rows;
}

}  // namespace

const NamedTable<RegularizerSpec>& penalties() {
  static const NamedTable<RegularizerSpec> table("regularization", [] {
    auto rows = training_rows();
    for (auto& row : switch_rows()) rows.push_back(std::move(row));
    for (auto& row : addition_rows()) rows.push_back(std::move(row));
    return rows;
  }());
  return table;
}

Tensor penalty_sum(const std::vector<std::string>& regularization, const PenaltyInput& input,
                   const PenaltyParameters& parameters) {
  Tensor sum;
  for (const auto& name : regularization) {
    const auto& row = penalties().at(name);
    if (row.penalty == nullptr) continue;
    const auto term = row.penalty(input, parameters);
    sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

void after_critic_step(const std::vector<std::string>& regularization, torch::nn::Module& critic,
                       const PenaltyParameters& parameters) {
  for (const auto& name : regularization) {
    const auto& row = penalties().at(name);
    if (row.after_critic_step != nullptr) row.after_critic_step(critic, parameters);
  }
}

}  // namespace ganselect
