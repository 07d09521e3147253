// What a page needs to rank candidates by itself, as the program would: the trials' criteria, the
// constraints' verdicts, and every preset with the program's own answer.
// results/report/report_rank.js holds the other half.
#pragma once

#include <span>

#include "base/json.h"
#include "selection/advice/advice.h"

namespace ganselect {

/// {criteria: [{name, meaning, note, components: [{share, formula,
///  kind: any, images or points}]}],
///  groups: [{same_machine, error, description, protocol, warnings, candidates: [{name,
///            trials: [{id, seed, scores, available, missing}], failed}]}],
///  presets: [{name, meaning, weights, constraints, same_machine, unmet: [by group], answer}]}
/// `scores`, `available` and `missing` are in the order of `criteria`; a score is null where it is
/// missing. groups[0] is the evidence for wishes that do not care about the machine, groups[1] for
/// those that do (cost, seconds, memory); a group that cannot be formed has its reason in `error`.
/// `answer` is the preset's answer in the form of `recommend --json`, without what a page shows
/// elsewhere, or {error}. `input` gives space, candidates, warnings and ranking settings; query and
/// use case are the presets' own.
Json page_ranking(std::span<const Record> records, const AdviceInput& input);

}  // namespace ganselect
