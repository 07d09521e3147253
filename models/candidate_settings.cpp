#include "models/candidate_settings.h"

#include "models/backbones/architectures.h"
#include "models/packing.h"

namespace ganselect {
namespace {

void add_optimizer(const CandidateSpec& candidate, Json& settings) {
  const auto& o = candidate.optimizer;
  settings["optimizer"] = to_string(o.kind);
  settings["lr_g"] = o.lr;
  settings["lr_d"] = o.lr * o.lr_factor_d;
  if (o.kind == OptimizerKind::kAdam) {
    settings["beta1"] = o.beta1;
    settings["beta2"] = o.beta2;
  }
  if (o.kind == OptimizerKind::kSgd) {
    settings["momentum"] = o.momentum;
    settings["momentum_final"] = o.momentum_final;
    settings["momentum_steps"] = o.momentum_steps;
  }
  settings["lr_schedule"] = to_string(o.lr_law);
  if (o.lr_law == LrLaw::kLinear) settings["lr_decay_steps"] = o.lr_decay_steps;
  if (o.lr_law == LrLaw::kExponential) {
    settings["lr_decay_factor"] = o.lr_decay_factor;
    settings["lr_min"] = o.lr_min;
  }
  settings["weight_decay"] = o.weight_decay;
  if (o.weight_decay > 0.0) settings["weight_decay_scope"] = to_string(o.weight_decay_scope);
}

void add_loss_parameters(const CandidateSpec& candidate, Json& settings) {
  const auto& p = candidate.loss_parameters;
  if (candidate.loss == "least-squares") {
    settings["least_squares_a"] = p.least_squares_a;
    settings["least_squares_b"] = p.least_squares_b;
    settings["least_squares_c"] = p.least_squares_c;
  }
  if (loss_of(candidate).needs_margin) settings["margin_weight"] = p.margin_weight;
  if (candidate.loss == "loss-sensitive") {
    settings["loss_sensitive_gamma"] = number_or_null(p.loss_sensitive_gamma);
  }
  if (candidate.loss == "generalized-loss-sensitive") settings["gls_slope"] = p.gls_slope;
}

void add_regularization(const CandidateSpec& candidate, Json& settings) {
  const auto& p = candidate.penalty_parameters;
  const auto has = [&](const char* name) { return has_regularizer(candidate, name); };
  if (has("weight-clip")) settings["clip"] = p.clip;
  if (has("gradient-penalty") || has("dragan")) {
    settings["gradient_penalty_weight"] = p.gradient_penalty_weight;
  }
  if (has("dragan")) settings["dragan_noise"] = p.dragan_noise;
  if (has("r1") || has("r1+r2")) settings["r1_gamma"] = p.r1_gamma;
  settings["spectral_norm"] = has("spectral-norm");
  if (has("spectral-norm")) settings["spectral_norm_last"] = candidate.spectral_norm_last;
  settings["pack"] = pack_of(candidate);
  settings["augmentation"] = Json::array();
  if (const auto policies = augmentation_of(candidate)) {
    if (policies->color) settings["augmentation"].push_back("color");
    if (policies->translation) settings["augmentation"].push_back("translation");
    if (policies->cutout) settings["augmentation"].push_back("cutout");
  }
}

void add_networks(const CandidateSpec& candidate, Json& settings) {
  const auto& architecture = architectures().at(candidate.architecture);
  settings["batch_norm_g"] = candidate.batch_norm_g;
  settings["batch_norm_d"] = candidate.batch_norm_d;
  settings["critic_output"] = candidate.critic_output == CriticOutput::kLinear ? "linear" : "relu";
  settings["latent"] = candidate.latent_bound ? "uniform" : "normal";
  if (candidate.latent_bound) settings["latent_bound"] = *candidate.latent_bound;
  settings["dropout"] = architecture.dropout_d;
  settings["input_dropout"] = candidate.input_dropout;
  if (architecture.pooling) settings["pooling"] = *architecture.pooling;
  settings["first_weights"] = architecture.first_weights;
  if (candidate.is_told()) return;
  // The smallest pair has what is asked of it here.
  const auto shape =
      architecture.points_only ? SampleShape::point() : SampleShape::image(3, 32, 32);
  const auto networks = build_networks(candidate, {.shape = shape, .width = 0.01}, 0);
  settings["latent_dim"] = networks.generator->latent_dim;
  settings["last_bias"] = networks.critic->named_parameters().contains("out.bias");
}

}  // namespace

Json candidate_settings(const CandidateSpec& candidate) {
  Json settings = {{"loss", candidate.loss}};
  if (candidate.divergence) settings["divergence"] = *candidate.divergence;
  add_loss_parameters(candidate, settings);
  add_optimizer(candidate, settings);
  settings["n_critic"] = candidate.n_critic;
  settings["n_gen"] = candidate.n_gen;
  settings["batch"] = candidate.batch;
  settings["batch_g"] = candidate.batch_g > 0 ? candidate.batch_g : candidate.batch;
  settings["ema_decay"] = candidate.ema_decay;
  settings["dequantize"] = candidate.dequantize;
  if (candidate.is_told()) {
    settings["mirror"] = candidate.mirror;
    settings["fresh_conditions"] = candidate.fresh_conditions;
    if (candidate.needs_clusters) settings["clusters"] = candidate.clusters;
    if (candidate.needs_visible) settings["mask"] = candidate.mask;
  }
  add_regularization(candidate, settings);
  add_networks(candidate, settings);
  return settings;
}

}  // namespace ganselect
