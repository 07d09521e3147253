// docs/candidates.md: every named candidate with its source, settings and deviations, from the
// rows.
#pragma once

#include <string>

namespace ganselect {

std::string candidates_markdown();

}  // namespace ganselect
