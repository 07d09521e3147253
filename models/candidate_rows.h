// What the files that hold rows of candidates() share; no one else needs it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/candidates.h"

namespace ganselect {

// The point's candidate under a name of its own.
CandidateSpec named(std::string name, std::string_view point, std::vector<int> tables,
                    std::string source, std::string code = "",
                    std::vector<Deviation> deviations = {});

void differs(CandidateSpec& candidate, std::string setting, std::string text);

// Gradient descent as Goodfellow et al. 2014 configure it; momentum rises over 249 epochs of
// `epoch` updates. Their critic's objective is half of ours.
OptimizerSpec maxout_descent(double lr, std::int64_t epoch);
void add_goodfellow_deviations(CandidateSpec& candidate);

// Miyato et al.'s residual pair as their code trains it on CIFAR-10.
void set_resnet_training(CandidateSpec& candidate, std::int64_t decay_steps);

// Rows of conditional candidates: the survey's, told class labels, and the extensions.
std::vector<CandidateSpec> label_candidates();
std::vector<CandidateSpec> conditional_extensions();

}  // namespace ganselect
