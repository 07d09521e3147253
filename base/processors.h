// How many processors this process may use.
#pragma once

#include <cstdint>
#include <filesystem>

namespace ganselect {

// The least of: processors it may run on (its affinity), and the quota of its control groups
// (version 1 or 2), rounded up; at least 1. `root` is where proc and sys are looked for.
std::int64_t usable_processors(const std::filesystem::path& root = "/");

}  // namespace ganselect
