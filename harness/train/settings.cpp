#include "harness/train/settings.h"

#include "base/error.h"
#include "base/files.h"
#include "models/packing.h"

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

// A batch and a pack that do not go together are seen before anything is trained.
void check_packs(const CandidateSpec& candidate) {
  const int m = pack_of(candidate);
  for (const auto& [key, batch] :
       {std::pair("batch", candidate.batch), std::pair("batch_g", candidate.batch_g)}) {
    if (batch % m == 0) continue;
    fail(ErrorKind::kUsage,
         {.where = std::string("key '") + key + "'",
          .expected = "a number of samples that " + std::to_string(m) + " divides, as '" +
                      candidate.name + "' judges so many at once",
          .got = std::to_string(batch),
          .hint = ""});
  }
}

void apply_step_departures(const TrainSettings& settings, CandidateSpec& candidate) {
  candidate.batch = settings.batch.value_or(candidate.batch);
  // A batch that is said is meant for both networks.
  if (settings.batch) candidate.batch_g = 0;
  candidate.batch_g = settings.batch_g.value_or(candidate.batch_g);
  // One that is said alone takes the place of the other.
  if (settings.n_critic) {
    candidate.n_critic = static_cast<int>(*settings.n_critic);
    candidate.n_gen = 1;
  }
  if (settings.n_gen) {
    if (!settings.n_critic) candidate.n_critic = 1;
    candidate.n_gen = static_cast<int>(*settings.n_gen);
  }
  if (candidate.n_critic > 1 && candidate.n_gen > 1) {
    fail(ErrorKind::kUsage,
         {.where = "keys 'n_critic' and 'n_gen'",
          .expected = "one of them 1",
          .got = std::to_string(candidate.n_critic) + " and " + std::to_string(candidate.n_gen),
          .hint = "set the other to 1"});
  }
  candidate.ema_decay = settings.ema_decay.value_or(candidate.ema_decay);
  if (!settings.lr_decay_steps) return;
  candidate.optimizer.lr_law = *settings.lr_decay_steps > 0 ? LrLaw::kLinear : LrLaw::kConstant;
  candidate.optimizer.lr_decay_steps = *settings.lr_decay_steps;
}

void apply_told_departures(const TrainSettings& settings, CandidateSpec& candidate) {
  refuse_unused(settings.clusters.has_value(), candidate.needs_clusters, "clusters", candidate,
                "the conditioning clusters");
  refuse_unused(settings.mask.has_value(), candidate.needs_visible, "mask", candidate,
                "the conditioning visible");
  // A mirrored image is not that of its visible part.
  refuse_unused(settings.mirror.value_or(false), !candidate.needs_visible, "mirror", candidate,
                "another conditioning than visible");
  candidate.clusters = settings.clusters.value_or(candidate.clusters);
  candidate.mask = settings.mask.value_or(candidate.mask);
  candidate.mirror = settings.mirror.value_or(candidate.mirror);
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
  apply_step_departures(settings, candidate);
  apply_told_departures(settings, candidate);
  apply_penalty_departures(settings, candidate);
  refuse_unused(settings.gls_slope.has_value(), candidate.loss == "generalized-loss-sensitive",
                "gls_slope", candidate, "the loss generalized-loss-sensitive");
  auto& slope = candidate.loss_parameters.gls_slope;
  slope = settings.gls_slope.value_or(slope);
  check_packs(candidate);
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
  spec.lr = settings.lr_d.value_or(spec.lr * spec.lr_factor_d);
  spec.lr_factor_d = 1.0;
  return spec;
}

void check_settings(const TrainSettings& settings, const std::string& where) {
  settings_from_json<TrainSettings>(settings_to_json(settings), where);
}

Json identity_json(const TrainSettings& settings) {
  Json json = settings_to_json(settings);
  if (settings.without_classes.empty()) json.erase("without_classes");
  if (settings.freeze.empty()) json.erase("freeze");
  if (settings.init_from.empty()) {
    json.erase("init_from");
    json.erase("init_digest");
  }
  for (const char* key :
       {"batch_g", "n_gen", "lr_decay_steps", "clusters", "mask", "mirror", "gls_slope"}) {
    if (json.at(key).is_null()) json.erase(key);
  }
  if (settings.dataset_limit == 0) json.erase("dataset_draw");
  const int revision = training_revision(parse_point(settings.point));
  if (revision > 0) json["candidate_revision"] = revision;
  return json;
}

std::string settings_digest(const TrainSettings& settings, const Json& extra) {
  Json json = identity_json(settings);
  json.erase("seed");
  for (const auto& item : extra.items()) json[item.key()] = item.value();
  return sha256_hex(json.dump()).substr(0, 8);
}

}  // namespace ganselect
