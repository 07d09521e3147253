// The fully connected conditional pair of Mirza & Osindero 2014 (arXiv 1411.1784), section 4.1,
// made for MNIST. Dropout 0.5 after every hidden layer of both networks. The first weights, which
// the paper does not give, are those of Goodfellow et al. 2014's published configuration. The
// sigmoid pixel p of [0, 1] stands at 2 p - 1 in the training range.
#pragma once

#include <memory>

#include "models/backbones/architectures.h"

namespace ganselect {

std::shared_ptr<Generator> make_conditional_fc_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_conditional_fc_critic(const BackboneSettings& settings);

}  // namespace ganselect
