// One self-contained page of a race: the outcome, who is out and why, the levels look by look, and
// sample grids at each rung. No script, nothing from elsewhere.
#pragma once

#include <filesystem>
#include <string>

#include "selection/race/state.h"

namespace ganselect {

/// `folder`: the race's, whose sample grids are shown where they are there and can be read.
/// Deterministic.
std::string race_page(const RaceState& state, const std::filesystem::path& folder);

}  // namespace ganselect
