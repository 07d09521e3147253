#include "harness/train/settings.h"

#include "base/error.h"
#include "base/files.h"

namespace ganselect {

namespace {

// A departure must reach something: one that the candidate ignores would be recorded and mean
// nothing.
void refuse_unused(bool given, bool used, const std::string& key, const CandidateSpec& candidate,
                   const std::string& regularizers) {
  if (!given || used) return;
  fail(ErrorKind::kUsage, {.where = "key '" + key + "'",
                           .expected = "a candidate with " + regularizers,
                           .got = "'" + candidate.name + "'"});
}

void apply_penalty_departures(const TrainSettings& settings, CandidateSpec& candidate) {
  const bool penalized =
      has_regularizer(candidate, "gradient-penalty") || has_regularizer(candidate, "dragan");
  const bool r1 = has_regularizer(candidate, "r1") || has_regularizer(candidate, "r1+r2");
  refuse_unused(settings.gradient_penalty_weight.has_value(), penalized, "gradient_penalty_weight",
                candidate, "gradient-penalty or dragan");
  refuse_unused(settings.r1_gamma.has_value(), r1, "r1_gamma", candidate, "r1 or r1+r2");
  refuse_unused(settings.clip.has_value(), has_regularizer(candidate, "weight-clip"), "clip",
                candidate, "weight-clip");
  auto& parameters = candidate.penalty_parameters;
  parameters.gradient_penalty_weight =
      settings.gradient_penalty_weight.value_or(parameters.gradient_penalty_weight);
  parameters.r1_gamma = settings.r1_gamma.value_or(parameters.r1_gamma);
  parameters.clip = settings.clip.value_or(parameters.clip);
}

OptimizerSpec with_betas(const TrainSettings& settings, const CandidateSpec& candidate) {
  OptimizerSpec spec = candidate.optimizer;
  const bool adam = spec.kind == OptimizerKind::kAdam;
  refuse_unused(settings.beta1.has_value(), adam, "beta1", candidate, "Adam");
  refuse_unused(settings.beta2.has_value(), adam, "beta2", candidate, "Adam");
  spec.beta1 = settings.beta1.value_or(spec.beta1);
  spec.beta2 = settings.beta2.value_or(spec.beta2);
  return spec;
}

}  // namespace

const NamedTable<Precision>& precisions() {
  static const NamedTable<Precision> table(
      "precision",
      {{.name = "fp32", .explanation = "float32 throughout"},
       {.name = "tf32", .explanation = "CUDA: TF32 matrix products; CPU: as fp32", .tf32 = true},
       {.name = "bf16",
        .explanation = "networks under bfloat16 autocast, parameters and losses in float32",
        .tf32 = true,
        .autocast = true}});
  return table;
}

const NamedTable<CollapseAction>& collapse_actions() {
  static const NamedTable<CollapseAction> table(
      "on_collapse",
      {{.name = "warn", .explanation = "log it, record it, train on"},
       {.name = "stop", .explanation = "save the state and end the trial", .stops = true}});
  return table;
}

CandidateSpec resolve_candidate(const TrainSettings& settings) {
  CandidateSpec candidate = parse_point(settings.point);
  candidate.batch = settings.batch;
  if (settings.n_critic) candidate.n_critic = static_cast<int>(*settings.n_critic);
  apply_penalty_departures(settings, candidate);
  return candidate;
}

OptimizerSpec generator_optimizer(const TrainSettings& settings, const CandidateSpec& candidate) {
  OptimizerSpec spec = with_betas(settings, candidate);
  spec.lr = settings.lr_g.value_or(spec.lr);
  spec.weight_decay = 0;
  return spec;
}

OptimizerSpec critic_optimizer(const TrainSettings& settings, const CandidateSpec& candidate) {
  OptimizerSpec spec = with_betas(settings, candidate);
  spec.lr = settings.lr_d.value_or(spec.lr);
  return spec;
}

void check_settings(const TrainSettings& settings, const std::string& where) {
  settings_from_json<TrainSettings>(settings_to_json(settings), where);
}

Json identity_json(const TrainSettings& settings) {
  Json json = settings_to_json(settings);
  if (settings.without_classes.empty()) json.erase("without_classes");
  if (settings.dataset_limit == 0) json.erase("dataset_draw");
  return json;
}

std::string settings_digest(const TrainSettings& settings, const Json& extra) {
  Json json = identity_json(settings);
  json.erase("seed");
  for (const auto& item : extra.items()) json[item.key()] = item.value();
  return sha256_hex(json.dump()).substr(0, 8);
}

}  // namespace ganselect
