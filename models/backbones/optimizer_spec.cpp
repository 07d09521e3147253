#include "models/backbones/optimizer_spec.h"

namespace ganselect {

std::string to_string(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::kAdam:
      return "adam";
    case OptimizerKind::kRmsprop:
      return "rmsprop";
    case OptimizerKind::kSgd:
      return "sgd";
  }
  return "";
}

std::string to_string(LrLaw law) {
  switch (law) {
    case LrLaw::kConstant:
      return "constant";
    case LrLaw::kLinear:
      return "linear";
    case LrLaw::kExponential:
      return "exponential";
  }
  return "";
}

std::string to_string(DecayScope scope) { return scope == DecayScope::kAll ? "all" : "last-layer"; }

}  // namespace ganselect
