// Speeds of training with nothing beside it: cost_alone.json, which `scripts/benchmark cost` writes
// beside the records. Trials that share a machine say nothing of what a candidate costs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"

namespace ganselect {

/// Name of the file beside the records.
inline constexpr const char* kCostAloneFile = "cost_alone.json";

/// Of one candidate.
struct AloneSpeed {
  double updates_per_second = 0.0;  ///< generator updates; the median of the rounds
  std::int64_t batch = 0;           ///< samples a side of a critic update
  /// Of each interleaved round; empty where the file keeps none.
  std::vector<double> rounds;
};

/// What was timed, and how.
struct CostAlone {
  std::string device;  ///< "cpu", "cuda"
  double width = 0.0;
  std::map<std::string, AloneSpeed> speeds;  ///< by candidate or point

  /// The speed of a trial's candidate; nothing where it was not timed, or not under the trial's
  /// device, width and batch.
  std::optional<AloneSpeed> speed_of(const Record& record) const;
};

/// `where` (a file name) begins every error message, kData: a missing or mistyped key, a rate that
/// is not positive, a candidate timed twice, none timed at all.
CostAlone parse_cost_alone(Json json, const std::string& where);
CostAlone read_cost_alone(const std::filesystem::path& file);

/// The file that belongs to a trial: beside it, its plan or its data set. Nothing where there is
/// none, or the record was made in memory.
std::optional<std::filesystem::path> find_cost_alone(const Record& record);

}  // namespace ganselect
