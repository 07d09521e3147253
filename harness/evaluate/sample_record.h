// A record for samples that another program made, so that they stand in rankings and reports beside
// trials of this one.
#pragma once

#include <string>

#include "datasets/dataset.h"
#include "harness/evaluate/evaluation.h"
#include "results/records/record.h"

namespace ganselect {

// What a record says of the data.
RecordDataset recorded_dataset(const Dataset& data);

// Whose samples they are. Nothing is known of how they were trained but what is said here.
struct SampleOrigin {
  std::string name;        // as rankings call it
  std::string beside;      // a trial's folder or record in whose company it stands; empty: none's
  std::uint64_t seed = 0;  // tells several sets of one name apart
};

// A finished trial of a candidate `origin.name` whose architecture and loss are "other". Budget,
// precision and whatever else trials must share to be compared are those of the trial it stands
// beside, since only who puts them there can know that they are alike; without one: 0 steps of
// width 1, a group of its own. Curve and cost are missing, with the reason. kProtocol where that
// trial is of other data; kUsage for a name that is a candidate's.
Record record_of_samples(const SampleOrigin& origin, const Evaluator& evaluator,
                         const Measures& measures);

}  // namespace ganselect
