// The same contrasts from published studies and from own trials side by side: each candidate's FID
// beside the reference's.
#pragma once

#include <string>

#include "base/json.h"
#include "selection/advice/published.h"
#include "selection/evidence/evidence.h"

namespace ganselect {

/// {measure, reference, dataset, studies, sources, rows, reason}; rows are {candidate, published,
/// own}, best of published first, each side {ratio, interval, studies, sources} or {ratio,
/// interval, trials}, null where there is nothing. Ratios of FIDs; intervals of the mean, 95%.
/// `reason` is null or why there are no rows.
Json forest_json(const PublishedStudies& studies, const Evidence& evidence);

}  // namespace ganselect
