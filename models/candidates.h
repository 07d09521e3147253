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
#include "models/backbones/conditioning.h"
#include "models/backbones/optimizer_spec.h"
#include "models/losses.h"
#include "models/penalties.h"

namespace ganselect {

// Where a candidate's setting is not its source's: what, and why.
struct Deviation {
  std::string setting;  // a key of candidate_settings(), or a word for what has none ("data")
  std::string text;     // "64 in place of 128, ...": one clause
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
  int n_critic = 1;          // critic updates for each generator update, or
  int n_gen = 1;             // generator updates for each critic update; one of the two is 1
  std::int64_t batch = 64;   // samples a side of every critic update
  std::int64_t batch_g = 0;  // samples of a generator update; 0: as many as the critic's
  double ema_decay = 0.0;    // of the generator's moving average; 0: none
  bool dequantize = false;   // real images get uniform noise of one grey level's width
  bool mirror = false;       // real images are mirrored by chance, and so are instances
  // Generated samples of a critic step have conditions of their own, in place of those of its real
  // samples.
  bool fresh_conditions = false;
  double input_dropout = 0.0;  // share of the numbers of a sample that the critic does not see
  CriticOutput critic_output = CriticOutput::kLinear;
  bool spectral_norm_last = true;      // with spectral norm: of the last layer too
  bool torch_linear_init = false;      // linear layers start as LibTorch's own
  std::optional<double> latent_bound;  // latents from U(-b, b); nothing: N(0, I)
  LossParameters loss_parameters;
  PenaltyParameters penalty_parameters;
  bool needs_labels = false;     // of its conditioning: skipped where no labels are given
  bool needs_instances = false;  // of its conditioning
  bool needs_clusters = false;   // of its conditioning
  bool needs_visible = false;    // of its conditioning
  std::int64_t clusters = 0;     // that it is told one of; 0: none
  std::string mask;              // a row of mask_laws(): what it is not shown; empty: no such thing
  std::vector<int> tables;       // of the survey, whose titles are known; members mostly inferred
  bool extension = false;        // not of the survey
  std::string source;
  std::string code;                   // the file it was held against; empty: none is published
  std::vector<Deviation> deviations;  // where a default is not the source's own: which, and why
  int revision = 0;                   // counts changes of this row that change its trainings
  bool is_told() const { return conditioning != "none"; }
  // The candidate whose training this one's is, step by step; empty: none. Equal but for the name,
  // or for constants that no gradient sees.
  std::string same_training;
};

// Counts changes of how this point is trained, of its own row and of layers that not every point
// has; above 0 a part of its trials' settings, so that trials before and after are never pooled.
int training_revision(const CandidateSpec& point);

// The survey's candidates and the extensions.
const NamedTable<CandidateSpec>& candidates();

// A candidate's name, or one with +pack2 to +pack4 or +diffaugment after it, or
// ARCHITECTURE[+CONDITIONING]/LOSS[/REGULARIZATION[+REGULARIZATION]][/DIVERGENCE].
// Regularizations are the rows of penalties(), `none`, and batch-norm-g, batch-norm-d,
// no-batch-norm-g, no-batch-norm-d, which overrule the architecture's own switches; aliases of
// losses and regularizers (lsgan, sn, gp, ...) are taken. A point's name is canonical: full names,
// fixed order. Unknown names and broken rules are kUsage errors; the latter name the rule, and a
// name that a candidate had before is answered with the new one.
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

// Every valid point of images, unconditional, without packs and augmentation, which are not the
// survey's parameters; canonical names, in the order of the tables.
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
// What its critic sees images altered by; nothing: they are not.
std::optional<AugmentationPolicies> augmentation_of(const CandidateSpec& candidate);
// Every deviation's text, as sentences.
std::string notes_of(const CandidateSpec& candidate);

}  // namespace ganselect
