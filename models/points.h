// From a point's name to its settings; the rules and the count of the space are in
// models/rules.cpp.
#pragma once

#include <string_view>

#include "models/candidates.h"

namespace ganselect {

// The candidate of ARCHITECTURE[+CONDITIONING]/LOSS[/REGULARIZATION[+REGULARIZATION]][/DIVERGENCE],
// whose name becomes the canonical point. Batch norm: the architecture's switches, taken out of the
// critic by a regularizer that cannot stand it, unless a word of the point says otherwise.
// Optimizer: Adam 2e-4 with betas (0.5, 0.999) and one critic step, but for what the architecture,
// loss, divergence or regularizers bring along. kUsage errors as in parse_point.
CandidateSpec resolve_point(std::string_view point);

// Sets optimizer, n_critic, batch and what the architecture's source has particular, from the four
// parameters.
void set_training_defaults(CandidateSpec& candidate);

// kUsage with what to say instead, for a name that a candidate had before.
void refuse_former_name(std::string_view name);

// The full name of a valid point, from its parameters.
std::string canonical_point_name(const CandidateSpec& candidate);

}  // namespace ganselect
