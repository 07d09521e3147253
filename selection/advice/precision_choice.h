// Which arithmetic may be the default: the fastest whose final FID cannot be told from float32's. A
// pure function of records that differ in `settings.precision`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"
#include "results/records/summary.h"

namespace ganselect {

// One candidate in one precision, over its seeds.
struct PrecisionResult {
  std::string candidate;
  std::string precision;
  SeedSummary fid;
  std::optional<double> updates_per_second;  // mean over seeds
  std::optional<double> speedup;             // over the same candidate in fp32
  // Whether the 95% interval of fid meets fp32's; absent where either has none.
  std::optional<bool> overlaps;
};

struct PrecisionChoice {
  std::string precision = "fp32";
  std::string reason;                    // one line
  std::vector<PrecisionResult> results;  // by candidate, fp32 first, then by name
};

// A precision is eligible when every candidate that was trained in fp32 was trained in it too, with
// three seeds or more, and all their intervals meet fp32's; of the eligible the one with the
// largest geometric mean speed-up above 1 is chosen, else fp32. Records without a precision setting
// are left out. kData when there is no fp32 record; kProtocol when records differ in more than
// candidate, seed and precision.
PrecisionChoice choose_precision(const std::vector<Record>& records);

Json to_json(const PrecisionChoice& choice);
std::string to_text(const PrecisionChoice& choice);

}  // namespace ganselect
