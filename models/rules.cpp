// Which points are valid, and how many there are.
#include <algorithm>
#include <array>
#include <utility>

#include "models/backbones/architectures.h"
#include "models/points.h"

namespace ganselect {
namespace {

template <class Wanted>
int count_regularizers(const CandidateSpec& point, Wanted wanted) {
  int count = 0;
  for (const auto& name : point.regularization) count += wanted(penalties().at(name)) ? 1 : 0;
  return count;
}
bool is_gradient_penalty(const RegularizerSpec& row) { return row.gradient_penalty; }
bool is_spectral_norm(const RegularizerSpec& row) { return row.spectral_norm; }
bool is_clipping(const RegularizerSpec& row) { return row.after_critic_step != nullptr; }

bool divergence_misplaced(const CandidateSpec& point) {
  return loss_of(point).needs_divergence != point.divergence.has_value();
}
bool several_gradient_penalties(const CandidateSpec& point) {
  return count_regularizers(point, is_gradient_penalty) > 1;
}
bool gradient_penalty_with_batch_norm(const CandidateSpec& point) {
  return point.batch_norm_d && count_regularizers(point, is_gradient_penalty) > 0;
}
bool spectral_norm_with_batch_norm(const CandidateSpec& point) {
  return point.batch_norm_d && count_regularizers(point, is_spectral_norm) > 0;
}
bool clipping_with_another_bound(const CandidateSpec& point) {
  return count_regularizers(point, is_clipping) > 0 &&
         count_regularizers(point, [](const RegularizerSpec& row) {
           return row.gradient_penalty || row.spectral_norm;
         }) > 0;
}
bool critic_without_bound(const CandidateSpec& point) {
  return loss_of(point).needs_bound &&
         count_regularizers(point, [](const RegularizerSpec& r) { return r.bounds_critic; }) == 0;
}
bool batch_norm_not_allowed(const CandidateSpec& point) {
  return (point.batch_norm_g || point.batch_norm_d) &&
         !architectures().at(point.architecture).batch_norm_allowed;
}
bool conditioning_without_place(const CandidateSpec& point) {
  const auto& allowed = architectures().at(point.architecture).conditionings;
  return point.conditioning != "none" &&
         std::find(allowed.begin(), allowed.end(), point.conditioning) == allowed.end();
}
bool projection_without_batch_norm(const CandidateSpec& point) {
  return conditionings().at(point.conditioning).path == ConditionPath::kProjection &&
         !point.batch_norm_g;
}
bool several_packs(const CandidateSpec& point) {
  return count_regularizers(point, [](const RegularizerSpec& row) { return row.pack > 1; }) > 1;
}
bool several_augmentations(const CandidateSpec& point) {
  return count_regularizers(
             point, [](const RegularizerSpec& row) { return row.augmentation.has_value(); }) > 1;
}
bool augmented_visible_part(const CandidateSpec& point) {
  return point.needs_visible && augmentation_of(point).has_value();
}
bool dropout_without_place(const CandidateSpec& point) {
  return architectures().at(point.architecture).dropout_d <= 0.0 &&
         count_regularizers(point, [](const RegularizerSpec& r) { return r.needs_dropout; }) > 0;
}

std::vector<PointRule> rule_rows() {
  return {
      {.name = "divergence-with-f-divergence",
       .text = "the loss f-divergence needs a divergence, and no other loss takes one",
       .broken = divergence_misplaced},
      {.name = "one-gradient-penalty",
       .text = "at most one of gradient-penalty, dragan, r1 and r1+r2",
       .broken = several_gradient_penalties},
      {.name = "gradient-penalty-without-batch-norm-d",
       .text = "gradient penalties take the gradient of each sample's own score, which batch norm "
               "in the critic makes depend on the other samples",
       .broken = gradient_penalty_with_batch_norm},
      {.name = "spectral-norm-without-batch-norm-d",
       .text = "batch norm in the critic rescales its layers and so undoes spectral norm's bound",
       .broken = spectral_norm_with_batch_norm},
      {.name = "weight-clip-alone",
       .text = "weight-clip bounds the critic by itself: gradient penalties replace it, and "
               "spectral norm would divide the clipping out again",
       .broken = clipping_with_another_bound},
      {.name = "wasserstein-needs-a-bound",
       .text = "the Wasserstein critic's loss has no minimum without weight-clip, a gradient "
               "penalty or spectral-norm",
       .broken = critic_without_bound},
      {.name = "conv-deconv-without-batch-norm",
       .text = "conv-deconv with batch norm is dcgan: name that, with no-batch-norm-g or "
               "no-batch-norm-d for one side",
       .broken = batch_norm_not_allowed},
      {.name = "conditioning-of-the-architecture",
       .text = "fc, conv-deconv and dcgan are told a condition by joining it to what their layers "
               "read, a visible part dcgan alone, sngan-cnn, gp-cnn and the two resnets by "
               "projection; the others are not told "
               "any",
       .broken = conditioning_without_place},
      {.name = "projection-with-batch-norm-g",
       .text = "a generator conditioned by its batch norm is told nothing without one",
       .broken = projection_without_batch_norm},
      {.name = "dropout-with-fc",
       .text = "dropout stands in the critics of fc and maxout-conv alone",
       .broken = dropout_without_place},
      {.name = "one-pack",
       .text = "at most one of pack2, pack3 and pack4",
       .broken = several_packs},
      {.name = "visible-part-as-it-is",
       .text = "diffaugment would move the image away from the visible part beside it",
       .broken = augmented_visible_part},
      {.name = "one-augmentation",
       .text = "at most one of diffaugment and diffaugment-translation",
       .broken = several_augmentations},
  };
}

// The regularizers a point chooses among, and every subset of them.
std::vector<std::vector<std::string>> regularizer_subsets() {
  std::vector<std::string> choices;
  for (const auto& row : penalties()) {
    const bool is_switch = row.batch_norm_g || row.batch_norm_d || row.needs_dropout;
    if (!is_switch && !row.is_addition() && row.name != "none") choices.push_back(row.name);
  }
  std::vector<std::vector<std::string>> subsets;
  for (std::size_t mask = 0; mask < (std::size_t{1} << choices.size()); ++mask) {
    subsets.emplace_back();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (mask >> i & 1) subsets.back().push_back(choices[i]);
    }
  }
  return subsets;
}

std::vector<std::optional<std::string>> divergence_choices() {
  std::vector<std::optional<std::string>> choices{std::nullopt};
  for (const auto& row : divergences()) choices.emplace_back(row.name);
  return choices;
}

template <class Visit>
void visit_space(Visit visit) {
  const auto subsets = regularizer_subsets();
  const auto choices = divergence_choices();
  constexpr std::array<std::pair<bool, bool>, 4> kSwitches{
      {{false, false}, {true, false}, {false, true}, {true, true}}};
  CandidateSpec point;
  for (const auto& architecture : architectures()) {
    if (architecture.points_only) continue;
    point.architecture = architecture.name;
    for (const auto& loss : losses()) {
      point.loss = loss.name;
      for (const auto& subset : subsets) {
        point.regularization = subset;
        for (const auto& divergence : choices) {
          point.divergence = divergence;
          for (const auto& [g, d] : kSwitches) {
            point.batch_norm_g = g;
            point.batch_norm_d = d;
            visit(point);
          }
        }
      }
    }
  }
}

}  // namespace

const NamedTable<PointRule>& point_rules() {
  static const NamedTable<PointRule> table("rule", rule_rows());
  return table;
}

const PointRule* broken_rule(const CandidateSpec& point) {
  for (const auto& rule : point_rules()) {
    if (rule.broken(point)) return &rule;
  }
  return nullptr;
}

std::vector<CandidateSpec> valid_points() {
  std::vector<CandidateSpec> points;
  visit_space([&](const CandidateSpec& choice) {
    if (broken_rule(choice) != nullptr) return;
    points.push_back(resolve_point(canonical_point_name(choice)));
  });
  return points;
}

SpaceCount space_count() {
  SpaceCount space;
  for (const auto& rule : point_rules()) space.refused.push_back({rule.name, 0});
  visit_space([&](const CandidateSpec& choice) {
    ++space.combinations;
    const auto* rule = broken_rule(choice);
    if (rule == nullptr) {
      ++space.valid;
      return;
    }
    for (auto& refused : space.refused) {
      if (refused.rule == rule->name) ++refused.count;
    }
  });
  return space;
}

}  // namespace ganselect
