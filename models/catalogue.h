// Everything one may choose from, for programs that do without the tables.
#pragma once

#include "base/json.h"

namespace ganselect {

// {"candidates": [...], "space": [...]}: the named candidates as candidate_to_json has them, and
// every valid point with its name, four parameters, batch norm and labels alone.
Json catalogue_json();

}  // namespace ganselect
