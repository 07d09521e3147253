// Where a result comes from: what every record carries.
#pragma once

#include <string>

#include "base/json.h"

namespace ganselect {

// {"version", "commit", "dirty", "compiler", "build_type", "libtorch", "cpu", "cores", "date"};
// date is UTC, ISO 8601.
Json provenance();

std::string program_version();

// The folder that holds what the program ships with (metrics/detectors/weights, harness/plans,
// results/published): GANSELECT_SHARE, else of a build (whose share_dir.txt names them) the
// sources, else share/ganselect beside the folder of the program.
std::string share_dir();

}  // namespace ganselect
