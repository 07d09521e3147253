// Every setting of a candidate under one name each, flat: what `explain` and docs/candidates.md
// show, and what tests/golden/authors.json states of the authors' code.
#pragma once

#include "base/json.h"
#include "models/candidates.h"

namespace ganselect {

// {setting: value} in a fixed order; settings that mean nothing to the candidate (beta1 without
// Adam, clip without weight-clip) are absent. Builds the networks of images once to read what only
// they know (latent_dim, last_bias); keys are those of tests/golden/authors.md.
Json candidate_settings(const CandidateSpec& candidate);

}  // namespace ganselect
