#include "results/literature/arm_components.h"

#include <algorithm>
#include <utility>

#include "base/named_table.h"
#include "base/text.h"

namespace ganselect {
namespace {

// The words of the search space: everything else that a study says stays as it is, outside of it.
// How studies write an architecture; `point` is its name in the search space, empty where it has
// none, and `labels` the way in which that architecture is told labels.
struct ArchitectureWord {
  std::string name;
  std::string family;
  std::string point;
  std::string labels;
  bool batch_norm_d = false;  // by default
};

// What architectures are kin: networks of one kind do alike.
struct FamilyWord {
  std::string name;
  std::string kind;
};

struct LossWord {
  std::string name;
  bool needs_bound = false;  // has no minimum unless something bounds the critic
};

struct RegularizationWord {
  std::string name;
  bool bounds_critic = false;
  bool no_batch_norm_d = false;  // cannot stand batch norm in the critic
};

struct AugmentationWord {
  std::string name;
};

const NamedTable<ArchitectureWord>& architecture_words() {
  static const NamedTable<ArchitectureWord> table(
      "architecture of an arm",
      {
          {.name = "fc", .family = "fc", .point = "fc", .labels = "labels"},
          {.name = "dcgan",
           .family = "dcgan",
           .point = "dcgan",
           .labels = "labels",
           .batch_norm_d = true},
          {.name = "dcgan-64",
           .family = "dcgan",
           .point = "dcgan",
           .labels = "labels",
           .batch_norm_d = true},
          {.name = "dcgan-256", .family = "dcgan"},
          {.name = "dcgan (small D)", .family = "dcgan-small-critic"},
          {.name = "sngan-cnn",
           .family = "sngan-cnn",
           .point = "sngan-cnn",
           .labels = "projection"},
          {.name = "infogan", .family = "infogan"},
          {.name = "infogan-like CNN", .family = "infogan"},
          {.name = "resnet", .family = "resnet", .point = "resnet", .labels = "projection"},
          {.name = "resnet19", .family = "resnet"},
          {.name = "resnet+attention", .family = "attention-resnet"},
          {.name = "big-resnet", .family = "big-resnet"},
          {.name = "resnext", .family = "resnext"},
          {.name = "stylegan2", .family = "stylegan2"},
          {.name = "stripped stylegan2", .family = "stripped-stylegan2"},
          {.name = "stylegan3-r", .family = "stylegan3"},
          {.name = "stylegan3-t", .family = "stylegan3"},
      });
  return table;
}

constexpr const char* kPlainConvolutions = "plain convolutions";
constexpr const char* kResidual = "residual";
constexpr const char* kStyleBased = "style-based";

const NamedTable<FamilyWord>& family_words() {
  static const NamedTable<FamilyWord> table("family of architectures",
                                            {
                                                {"dcgan", kPlainConvolutions},
                                                {"dcgan-small-critic", kPlainConvolutions},
                                                {"sngan-cnn", kPlainConvolutions},
                                                {"infogan", kPlainConvolutions},
                                                {"resnet", kResidual},
                                                {"attention-resnet", kResidual},
                                                {"big-resnet", kResidual},
                                                {"resnext", kResidual},
                                                {"stylegan2", kStyleBased},
                                                {"stripped-stylegan2", kStyleBased},
                                                {"stylegan3", kStyleBased},
                                            });
  return table;
}

const NamedTable<LossWord>& loss_words() {
  static const NamedTable<LossWord> table("loss of an arm",
                                          {
                                              {.name = "minimax"},
                                              {.name = "non-saturating"},
                                              {.name = "wasserstein", .needs_bound = true},
                                              {.name = "least-squares"},
                                              {.name = "hinge"},
                                              {.name = "relativistic"},
                                              {.name = "relativistic-average"},
                                              {.name = "relativistic-least-squares"},
                                              {.name = "relativistic-average-least-squares"},
                                              {.name = "relativistic-average-hinge"},
                                          });
  return table;
}

// In the order in which a point names them.
const NamedTable<RegularizationWord>& regularization_words() {
  static const NamedTable<RegularizationWord> table(
      "regularization of an arm",
      {
          {.name = "weight-clip", .bounds_critic = true},
          {.name = "gradient-penalty", .bounds_critic = true, .no_batch_norm_d = true},
          {.name = "dragan", .bounds_critic = true, .no_batch_norm_d = true},
          {.name = "r1", .bounds_critic = true, .no_batch_norm_d = true},
          {.name = "r1+r2", .bounds_critic = true, .no_batch_norm_d = true},
          {.name = "spectral-norm", .bounds_critic = true, .no_batch_norm_d = true},
          {.name = "pack2"},
          {.name = "pack3"},
          {.name = "pack4"},
      });
  return table;
}

const NamedTable<AugmentationWord>& augmentation_words() {
  static const NamedTable<AugmentationWord> table("augmentation of an arm",
                                                  {{.name = "diffaugment"}});
  return table;
}

// Beside the regularizers, batch norm alone can be said of a point's critic.
constexpr const char* kNoNorm = "none";
constexpr const char* kBatchNorm = "batch-norm";

std::string stated_or(const std::optional<std::string>& text) {
  return text ? *text : std::string(kNotStated);
}

// What of an arm's settings a point is made of; a null row: no such word in the search space.
struct PointParts {
  const ArchitectureWord* architecture = nullptr;
  const LossWord* loss = nullptr;
  std::vector<const RegularizationWord*> regularization;  // in the table's order
  bool stated = true;  // false: the source leaves one of them open
};

void name_outside(ArmComponents& out, const std::string& kind, const std::string& word) {
  out.outside.push_back(kind + " " + word);
}

PointParts find_parts(const Arm& arm, ArmComponents& out) {
  PointParts parts;
  parts.stated = arm.architecture && arm.loss && arm.regularization && arm.d_norm;
  if (arm.architecture) {
    parts.architecture = architecture_words().find(*arm.architecture);
    out.architecture = parts.architecture ? parts.architecture->family : *arm.architecture;
    if (!parts.architecture || parts.architecture->point.empty())
      name_outside(out, "architecture", *arm.architecture);
  }
  if (arm.loss) {
    parts.loss = loss_words().find(*arm.loss);
    out.loss = *arm.loss;
    if (!parts.loss) name_outside(out, "loss", *arm.loss);
  }
  if (!arm.regularization) return parts;
  for (const auto& word : *arm.regularization) {
    if (regularization_words().find(word) == nullptr) name_outside(out, "regularization", word);
  }
  for (const auto& row : regularization_words()) {
    const auto& words = *arm.regularization;
    if (std::find(words.begin(), words.end(), row.name) != words.end())
      parts.regularization.push_back(&row);
  }
  return parts;
}

// Parts that are words of the search space one by one and yet no point of it.
void name_broken_rules(const Arm& arm, const PointParts& parts, ArmComponents& out) {
  bool bounded = false;
  for (const auto* row : parts.regularization) {
    bounded = bounded || row->bounds_critic;
    if (row->no_batch_norm_d && arm.d_norm == kBatchNorm)
      name_outside(out, "batch norm in the critic under", row->name);
  }
  if (parts.loss && parts.loss->needs_bound && arm.regularization && !bounded)
    name_outside(out, "no bound on the critic of loss", parts.loss->name);
}

std::string point_name(const Arm& arm, const PointParts& parts) {
  std::vector<std::string> words;
  bool batch_norm_d = parts.architecture->batch_norm_d;
  for (const auto* row : parts.regularization) {
    words.push_back(row->name);
    batch_norm_d = batch_norm_d && !row->no_batch_norm_d;
  }
  for (const auto& word : arm.augmentation) words.push_back(word);
  const bool has_it = arm.d_norm == kBatchNorm;
  if (has_it != batch_norm_d) words.emplace_back(has_it ? "batch-norm-d" : "no-batch-norm-d");
  std::string name = parts.architecture->point;
  if (arm.conditional) name += "+" + parts.architecture->labels;
  name += "/" + parts.loss->name;
  if (!words.empty()) name += "/" + join(words, "+");
  return name;
}

}  // namespace

std::string architecture_kind(const std::string& family) {
  const auto* found = family_words().find(family);
  return found == nullptr ? std::string() : found->kind;
}

ArmComponents arm_components(const Arm& arm) {
  ArmComponents out{.architecture = kNotStated,
                    .loss = kNotStated,
                    .regularization = {kNotStated},
                    .d_norm = stated_or(arm.d_norm),
                    .augmentation = arm.augmentation,
                    .conditional = arm.conditional,
                    .match = arm.match};
  const bool near = arm.match == ArmMatch::kExact || arm.match == ArmMatch::kClose;
  if (near) out.candidate = arm.candidate;
  const PointParts parts = find_parts(arm, out);
  if (arm.regularization) out.regularization = *arm.regularization;
  std::sort(out.regularization.begin(), out.regularization.end());
  std::sort(out.augmentation.begin(), out.augmentation.end());
  for (const auto& word : arm.augmentation) {
    if (augmentation_words().find(word) == nullptr) name_outside(out, "augmentation", word);
  }
  if (arm.d_norm && arm.d_norm != kNoNorm && arm.d_norm != kBatchNorm)
    name_outside(out, "critic's norm", *arm.d_norm);
  name_broken_rules(arm, parts, out);
  if (parts.stated && out.outside.empty()) out.point = point_name(arm, parts);
  return out;
}

}  // namespace ganselect
