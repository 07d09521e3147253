// A trial as it stood at an earlier checkpoint: what its record would say had training ended there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "results/records/record.h"

namespace ganselect {

/// Generator updates after which every family was measured, ascending; the end of a trial that ran
/// to its last update is one of them.
std::vector<std::int64_t> measured_steps(const Record& record);

/// Training seconds until a step of measured_steps, evaluations excluded; nothing where they were
/// not measured.
std::optional<double> seconds_at(const Record& record, std::int64_t step);

/// The trial at a step of measured_steps: samples as measured there, budget and time until then,
/// cost as of the whole trial; of stability what follows from the checkpoints (fid_best, fid_last,
/// collapsed), and for the rest null with a reason. A trial that was lost later counts as finished
/// there. The last step gives the record itself. Throws kData for another step.
Record record_at(const Record& record, std::int64_t step);

}  // namespace ganselect
