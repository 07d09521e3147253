// `literature estimate` and `literature check`: what published studies say together, and how well
// they foretell each other.
#pragma once

#include "harness/cli/program.h"

namespace ganselect {

// Declare the flags on the subcommand's own parser and return what it does.
CommandAction attach_literature_estimate(CLI::App& parser);
CommandAction attach_literature_check(CLI::App& parser);
CommandAction attach_literature_agreement(CLI::App& parser);

}  // namespace ganselect
