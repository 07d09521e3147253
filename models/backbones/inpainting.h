// DCGAN's pair for images of which a part is shown (Mirza & Osindero 2014, arXiv 1411.1784, name
// the case and give no networks for it): its generator reads mask and visible part through an
// encoder of its critic's convolutions, whose maps are joined to what the deconvolutions of their
// size read, as in Isola et al. 2017 (arXiv 1611.07004); latents come in at 4x4 as in DCGAN, so
// that one image has many fillings. What is visible stays as it is: the generator's numbers are
// taken where the mask hides the image, and nowhere else.
#pragma once

#include <memory>

#include "models/backbones/architectures.h"

namespace ganselect {

std::shared_ptr<Generator> make_inpainting_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_inpainting_critic(const BackboneSettings& settings);

}  // namespace ganselect
