#pragma once
// Fine-tuning: a trial that begins with another's networks instead of first weights, and may leave
// layers as they are.
#include <torch/torch.h>

#include <string>
#include <vector>

#include "harness/train/settings.h"
#include "models/build.h"

namespace ganselect {

// Names the checkpoint that settings.init_from leads to by its SHA-256 in settings.init_digest, so
// that the trial's identity says from which weights it began. kUsage for a digest that is
// another's, or given without init_from, and for `freeze` without it; kData where there is no
// checkpoint.
void pin_initial_weights(TrainSettings& settings);

// Copies generator and critic of that checkpoint's last update into `networks`, and its moving
// average (else its generator) into `average`, where there is one. kUsage naming the first tensor
// that does not fit: both trials must have the same networks.
void load_initial_weights(const std::string& run, Networks& networks, torch::nn::Module* average);

// The parameters of a network that are trained: those of no layer in `freeze`, which holds names as
// "generator/project" or "critic/conv0".
std::vector<torch::Tensor> trained_parameters(const torch::nn::Module& network,
                                              const std::string& side,
                                              const std::vector<std::string>& freeze);

// kUsage, naming the layers, for a name in `freeze` that is none, and for a network without a layer
// left to train.
void check_frozen(const Networks& networks, const std::vector<std::string>& freeze);

}  // namespace ganselect
