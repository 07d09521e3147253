// `plans` and `runs`: what can be swept, and what was trained.
#pragma once

#include "harness/cli/program.h"

namespace ganselect {

CommandAction attach_plans(CLI::App& app);
CommandAction attach_runs(CLI::App& app);

}  // namespace ganselect
