// What the report page knows of the records, as JSON for its script: every figure with its trial,
// protocol and digests, and the curves over training with their bands over seeds.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"

namespace ganselect {

/// {contexts: [{protocol, dataset, budget, provenance}], measures: {name: {label, unit, direction,
/// range, explanation, formula, source}}, trials: [{id, candidate, seed, status, step, reason,
/// plan, date, context, values, reasons}]}, trials ordered by candidate, seed and id. Seeds are
/// texts: a script's numbers hold 53 bits.
Json report_trials_json(std::span<const Record> records);

/// Points of a curve that are kept: longer ones are thinned to so many, evenly.
inline constexpr std::size_t kMostCurvePoints = 150;

/// [{name, label, unit, note, series: [{candidate, seeds, step, mean, low, high, n}]}]: measures of
/// the periodic evaluations, then columns of the curve files. At each step the mean, the smallest
/// and the largest value over the `n` seeds that have one, to six digits. Evaluations of one
/// protocol are taken, the one most of them share; `note` counts the others. A curve file that
/// cannot be read is left out and named in `warnings`.
Json report_curves_json(std::span<const Record> records, std::vector<std::string>& warnings);

}  // namespace ganselect
