// The makers of every backbone; models/backbones/architectures.cpp puts them into the table.
#pragma once

#include "models/backbones/architectures.h"

namespace ganselect {

std::shared_ptr<Generator> make_fc_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_fc_critic(const BackboneSettings& settings);
// fc's with a condition.
std::shared_ptr<Generator> make_conditional_fc_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_conditional_fc_critic(const BackboneSettings& settings);
// dcgan, and conv-deconv when batch norm is off.
std::shared_ptr<Generator> make_dcgan_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_dcgan_critic(const BackboneSettings& settings);
std::shared_ptr<Generator> make_sngan_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_sngan_critic(const BackboneSettings& settings);
// Gulrajani et al. 2017's convolutional pair.
std::shared_ptr<Generator> make_gp_cnn_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_gp_cnn_critic(const BackboneSettings& settings);
std::shared_ptr<Generator> make_maxout_conv_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_maxout_conv_critic(const BackboneSettings& settings);
// Of Miyato et al. 2018, and of Gulrajani et al. 2017.
std::shared_ptr<Generator> make_resnet_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_resnet_critic(const BackboneSettings& settings);
std::shared_ptr<Generator> make_gp_resnet_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_gp_resnet_critic(const BackboneSettings& settings);
// For points alone.
std::shared_ptr<Generator> make_maxout_mlp_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_maxout_mlp_critic(const BackboneSettings& settings);
// For points, in place of any of the others.
std::shared_ptr<Generator> make_mlp_generator(const BackboneSettings& settings);
std::shared_ptr<Critic> make_mlp_critic(const BackboneSettings& settings);

// Doublings from 4x4 to the image: 3 for 32x32, 4 for 64x64.
int doublings(const SampleShape& shape);

}  // namespace ganselect
