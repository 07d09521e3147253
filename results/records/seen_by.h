// A trial as another detector sees its samples, where it was measured by several.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/records/record.h"

namespace ganselect {

/// The detector by which answers go where trials have it. It was trained on photographs of a
/// thousand kinds, as the network of the published FID was; a judge that was trained on the very
/// data whose samples it judges overlooks what does not matter to their classes (docs/findings.md).
inline constexpr const char* kGeneralDetector = "efficientnet-lite0";

/// The record with `detector`'s values of all measures that rest on features alone. What rests on
/// the classes of the data, on the curve or on costs stays as it was: such measures of samples are
/// listed in Measures::apart, under the protocol that they have. Nothing where the record has no
/// FID by that detector.
std::optional<Record> seen_by(const Record& record, const std::string& detector);

/// Each record as `detector` sees it, or as it is where that detector did not measure it.
std::vector<Record> all_seen_by(std::vector<Record> records, const std::string& detector);

}  // namespace ganselect
