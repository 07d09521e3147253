// The JSON form of a candidate: the keys of `list --json` and of a record's "candidate".
#pragma once

#include "base/json.h"
#include "models/candidates.h"

namespace ganselect {

// {name, architecture, loss, regularization: [..], divergence: str|null, minimizes,
// critic_formula, generator_formula, batch_norm_g, batch_norm_d,
//  optimizer: {kind, lr, lr_factor_d, beta1, beta2, momentum.., lr_schedule, .., weight_decay,
//  weight_decay_scope}, n_critic, n_gen, batch, batch_g, ema_decay, dequantize, input_dropout,
//  critic_output, spectral_norm_last, torch_linear_init, latent_bound, loss_parameters,
//  penalty_parameters, needs_labels, tables: [..], extension, source, code, notes}. `divergence` is
// the one stated or, for other losses than f-divergence, null; `minimizes` is what the loss is
// known to minimize. Conditional candidates have the key `conditioning` too, and one whose training
// is another's `same_training`, the other's name.
Json candidate_to_json(const CandidateSpec& candidate);

}  // namespace ganselect
