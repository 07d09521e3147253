// `replay`: races on stored curves.
#pragma once

#include "harness/cli/program.h"

namespace ganselect {

CommandAction attach_replay(CLI::App& app);

}  // namespace ganselect
