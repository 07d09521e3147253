// What numbers a flag takes, said in few words where it is given another.
#pragma once

#include <CLI/CLI.hpp>

namespace ganselect {

// Finite and above 0.
CLI::Validator above_zero();

// Finite and 0 or above.
CLI::Validator not_below_zero();

}  // namespace ganselect
