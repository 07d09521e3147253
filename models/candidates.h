// A candidate: one point of the space the survey spans (architecture, loss, regularization,
// divergence; Motwani & Parmar, arXiv 2002.08641) with everything else that is needed to train it,
// and the table of those that have a name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_table.h"
#include "models/conditioning.h"
#include "models/losses.h"
#include "models/penalties.h"

namespace ganselect {

enum class OptimizerKind { kAdam, kRmsprop };
std::string to_string(OptimizerKind kind);  // "adam", "rmsprop"

// One for the generator and one for the critic, alike but for the weight decay.
struct OptimizerSpec {
  OptimizerKind kind = OptimizerKind::kAdam;
  double lr = 2e-4;
  double beta1 = 0.5, beta2 = 0.999;  // Adam only
  double weight_decay = 0.0;          // L2, added to the gradient; the critic's optimizer alone
};

struct CandidateSpec {
  std::string name;  // "wgan-gp", or the full point "dcgan/wasserstein/gradient-penalty"
  std::string architecture;
  std::string conditioning = "none";  // a row of conditionings()
  std::string loss;
  std::vector<std::string>
      regularization;                     // rows of penalties() and the switches below; empty: none
  std::optional<std::string> divergence;  // for the loss f-divergence only
  bool batch_norm_g = false, batch_norm_d = false;  // what is built
  OptimizerSpec optimizer;
  int n_critic = 1;         // critic updates for each generator update
  std::int64_t batch = 64;  // samples a side of every update
  LossParameters loss_parameters;
  PenaltyParameters penalty_parameters;
  bool needs_labels = false;     // of its conditioning: skipped where no labels are given
  bool needs_instances = false;  // of its conditioning
  std::vector<int> tables;       // of the survey, whose titles are known; members mostly inferred
  bool extension = false;        // not of the survey
  std::string source;
  std::string notes;  // where a default is not the source's own figure: which, and why
};

// The survey's candidates and the extensions.
const NamedTable<CandidateSpec>& candidates();

// A candidate's name, or
// ARCHITECTURE[+CONDITIONING]/LOSS[/REGULARIZATION[+REGULARIZATION]][/DIVERGENCE].
// Regularizations are the rows of penalties(), `none`, and batch-norm-g, batch-norm-d,
// no-batch-norm-g, no-batch-norm-d, which overrule the architecture's own switches; aliases of
// losses and regularizers (lsgan, sn, gp, ...) are taken. A point's name is canonical: full names,
// fixed order. Unknown names and broken rules are kUsage errors; the latter name the rule.
CandidateSpec parse_point(std::string_view name_or_point);

// A rule that some points break.
struct PointRule {
  std::string name;
  std::string text;  // what must hold and why, one sentence
  bool (*broken)(const CandidateSpec& point);
};
const NamedTable<PointRule>& point_rules();

// The first rule the point breaks; nullptr: valid.
const PointRule* broken_rule(const CandidateSpec& point);

// Every valid point, unconditional, canonical names, in the order of the tables.
std::vector<CandidateSpec> valid_points();

struct SpaceCount {
  std::int64_t combinations = 0;  // all choices of the parameters, before any rule
  std::int64_t valid = 0;
  struct Refused {
    std::string rule;
    std::int64_t count;  // combinations for which it is the first rule broken
  };
  std::vector<Refused> refused;
};
SpaceCount space_count();

// Parameters and divergence of the candidate's loss; the margin is set by the caller, batch by
// batch.
LossContext loss_context(const CandidateSpec& candidate);
const LossSpec& loss_of(const CandidateSpec& candidate);
bool has_regularizer(const CandidateSpec& candidate, std::string_view name);

}  // namespace ganselect
