// `literature`: what others published.
#pragma once

#include "harness/cli/program.h"

namespace ganselect {

CommandAction attach_literature(CLI::App& app);

}  // namespace ganselect
