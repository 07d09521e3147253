// The two-dimensional stand-in of every backbone: multilayer perceptrons with LeakyReLU 0.2. A
// condition is joined to what every layer reads, whatever the backbone's own way.
#pragma once

#include <memory>

#include "models/backbones/architectures.h"

namespace ganselect {

std::shared_ptr<Generator> make_mlp_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_mlp_critic(const BackboneSettings& settings);

}  // namespace ganselect
