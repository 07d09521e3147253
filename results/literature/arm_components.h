// What an arm of a published study is in the terms of the search space, by its settings.

#pragma once

#include <string>
#include <vector>

#include "results/literature/study.h"

namespace ganselect {

// Canonical names; kNotStated where the source does not say.
inline constexpr const char* kNotStated = "not stated";

struct ArmComponents {
  std::string
      architecture;  // family: "fc", "dcgan", "sngan-cnn", "resnet", "big-resnet", "stylegan2", ...
  std::string loss;  // "non-saturating", "hinge", ..., or the source's word where it is not ours
  std::vector<std::string> regularization;  // sorted; empty: none. {kNotStated} where unknown
  std::string d_norm;                       // "none", "batch-norm", "layer-norm", "weight-norm"
  std::vector<std::string> augmentation;    // sorted; "diffaugment", "ada", ...; empty: none
  bool conditional = false;
  ArmMatch match = ArmMatch::kOutside;
  std::string candidate;  // where the match is exact or close; empty otherwise
  // ARCHITECTURE/LOSS[/REGULARIZATION...] of the search space; empty where a part is not stated or
  // outside of it.
  std::string point;
  std::vector<std::string> outside;  // "loss cramer": what the search space has no word for
};

ArmComponents arm_components(const Arm& arm);

// "residual" of "resnet", "big-resnet" and their kin; empty for a family that is alone.
std::string architecture_kind(const std::string& family);

}  // namespace ganselect
