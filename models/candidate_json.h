// The JSON form of a candidate: the keys of `list --json` and of a record's "candidate".
#pragma once

#include "base/json.h"
#include "models/candidates.h"

namespace ganselect {

// {name, architecture, loss, regularization: [..], divergence: str|null, minimizes,
// critic_formula, generator_formula, batch_norm_g, batch_norm_d,
//  optimizer: {kind, lr, beta1, beta2, weight_decay}, n_critic, batch, loss_parameters,
//  penalty_parameters, needs_labels, tables: [..], extension, source, notes}. `divergence` is the
//  one stated or, for other losses than
// f-divergence, null; `minimizes` is what the loss is known to minimize. Conditional candidates
// have the key `conditioning` too.
Json candidate_to_json(const CandidateSpec& candidate);

}  // namespace ganselect
