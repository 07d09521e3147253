// How a pair of networks is optimized: what candidates set and backbones may ask for.
#pragma once

#include <cstdint>
#include <string>

namespace ganselect {

enum class OptimizerKind { kAdam, kRmsprop, kSgd };
std::string to_string(OptimizerKind kind);  // "adam", "rmsprop", "sgd"

// How a learning rate falls, by the generator updates done, t.
enum class LrLaw {
  kConstant,
  kLinear,       // lr max(0, 1 - t / lr_decay_steps)
  kExponential,  // max(lr_min, lr / lr_decay_factor^t)
};
std::string to_string(LrLaw law);  // "constant", "linear", "exponential"

enum class DecayScope { kAll, kLastLayer };  // the critic's parameters, or its last weight alone
std::string to_string(DecayScope scope);     // "all", "last-layer"

// One for the generator and one for the critic, alike but for the weight decay.
struct OptimizerSpec {
  OptimizerKind kind = OptimizerKind::kAdam;
  double lr = 2e-4;
  double lr_factor_d = 1.0;           // the critic's learning rate over the generator's
  double beta1 = 0.5, beta2 = 0.999;  // Adam only
  // SGD only: v <- m v - lr g, w <- w + v with m rising linearly over momentum_steps updates.
  double momentum = 0.5, momentum_final = 0.5;
  std::int64_t momentum_steps = 0;
  LrLaw lr_law = LrLaw::kConstant;
  std::int64_t lr_decay_steps = 0;
  double lr_decay_factor = 1.0, lr_min = 0.0;
  double weight_decay = 0.0;  // L2, added to the gradient; the critic's optimizer alone
  DecayScope weight_decay_scope = DecayScope::kAll;
};

}  // namespace ganselect
