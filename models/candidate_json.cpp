#include "models/candidate_json.h"

namespace ganselect {
namespace {

Json optimizer_to_json(const OptimizerSpec& optimizer) {
  const bool adam = optimizer.kind == OptimizerKind::kAdam;
  const bool sgd = optimizer.kind == OptimizerKind::kSgd;
  return {{"kind", to_string(optimizer.kind)},
          {"lr", optimizer.lr},
          {"lr_factor_d", optimizer.lr_factor_d},
          {"beta1", adam ? Json(optimizer.beta1) : Json()},
          {"beta2", adam ? Json(optimizer.beta2) : Json()},
          {"momentum", sgd ? Json(optimizer.momentum) : Json()},
          {"momentum_final", sgd ? Json(optimizer.momentum_final) : Json()},
          {"momentum_steps", sgd ? Json(optimizer.momentum_steps) : Json()},
          {"lr_schedule", to_string(optimizer.lr_law)},
          {"lr_decay_steps", optimizer.lr_decay_steps},
          {"lr_decay_factor", optimizer.lr_decay_factor},
          {"lr_min", optimizer.lr_min},
          {"weight_decay", optimizer.weight_decay},
          {"weight_decay_scope", to_string(optimizer.weight_decay_scope)}};
}

Json loss_parameters_to_json(const LossParameters& p) {
  return {{"least_squares_a", p.least_squares_a},
          {"least_squares_b", p.least_squares_b},
          {"least_squares_c", p.least_squares_c},
          {"margin_weight", p.margin_weight},
          {"loss_sensitive_gamma", number_or_null(p.loss_sensitive_gamma)},
          {"gls_slope", p.gls_slope},
          {"exact_f_generator", p.exact_f_generator}};
}

Json penalty_parameters_to_json(const PenaltyParameters& p) {
  return {{"clip", p.clip},
          {"gradient_penalty_weight", p.gradient_penalty_weight},
          {"dragan_noise", p.dragan_noise},
          {"r1_gamma", p.r1_gamma}};
}

}  // namespace

Json candidate_to_json(const CandidateSpec& candidate) {
  const auto& divergence = candidate.divergence;
  Json json = {
      {"name", candidate.name},
      {"architecture", candidate.architecture},
      {"loss", candidate.loss},
      {"regularization", candidate.regularization},
      {"divergence", divergence ? Json(*divergence) : Json()},
      {"minimizes", divergence.value_or(loss_of(candidate).minimizes)},
      {"critic_formula", loss_of(candidate).critic_formula},
      {"generator_formula", loss_of(candidate).generator_formula},
      {"batch_norm_g", candidate.batch_norm_g},
      {"batch_norm_d", candidate.batch_norm_d},
      {"optimizer", optimizer_to_json(candidate.optimizer)},
      {"n_critic", candidate.n_critic},
      {"n_gen", candidate.n_gen},
      {"batch", candidate.batch},
      {"batch_g", candidate.batch_g > 0 ? candidate.batch_g : candidate.batch},
      {"ema_decay", candidate.ema_decay},
      {"dequantize", candidate.dequantize},
      {"input_dropout", candidate.input_dropout},
      {"critic_output", candidate.critic_output == CriticOutput::kLinear ? "linear" : "relu"},
      {"spectral_norm_last", candidate.spectral_norm_last},
      {"torch_linear_init", candidate.torch_linear_init},
      {"latent_bound", number_or_null(candidate.latent_bound)},
      {"loss_parameters", loss_parameters_to_json(candidate.loss_parameters)},
      {"penalty_parameters", penalty_parameters_to_json(candidate.penalty_parameters)},
      {"needs_labels", candidate.needs_labels},
      {"tables", candidate.tables},
      {"extension", candidate.extension},
      {"source", candidate.source},
      {"code", candidate.code},
      {"notes", notes_of(candidate)}};
  if (!candidate.same_training.empty()) json["same_training"] = candidate.same_training;
  // Absent from unconditional candidates, as in records from before there were others.
  if (candidate.is_told()) {
    json["conditioning"] = candidate.conditioning;
    json["fresh_conditions"] = candidate.fresh_conditions;
  }
  if (candidate.needs_clusters) json["clusters"] = candidate.clusters;
  if (candidate.needs_visible) json["mask"] = candidate.mask;
  if (candidate.mirror) json["mirror"] = true;
  if (const int revision = training_revision(candidate); revision > 0) json["revision"] = revision;
  return json;
}

}  // namespace ganselect
