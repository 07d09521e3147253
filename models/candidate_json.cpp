#include "models/candidate_json.h"

namespace ganselect {
namespace {

Json optimizer_to_json(const OptimizerSpec& optimizer) {
  const bool adam = optimizer.kind == OptimizerKind::kAdam;
  return {{"kind", to_string(optimizer.kind)},
          {"lr", optimizer.lr},
          {"beta1", adam ? Json(optimizer.beta1) : Json()},
          {"beta2", adam ? Json(optimizer.beta2) : Json()},
          {"weight_decay", optimizer.weight_decay}};
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
  Json json = {{"name", candidate.name},
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
               {"batch", candidate.batch},
               {"loss_parameters", loss_parameters_to_json(candidate.loss_parameters)},
               {"penalty_parameters", penalty_parameters_to_json(candidate.penalty_parameters)},
               {"needs_labels", candidate.needs_labels},
               {"tables", candidate.tables},
               {"extension", candidate.extension},
               {"source", candidate.source},
               {"notes", candidate.notes}};
  // Absent from unconditional candidates, as in records from before there were others.
  if (candidate.conditioning != "none") json["conditioning"] = candidate.conditioning;
  return json;
}

}  // namespace ganselect
