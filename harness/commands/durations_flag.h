// Times on the command line.
#pragma once

#include <string>

namespace ganselect {

// "500s", "10min", "3m", "2h", "3d" or a plain number of seconds, above 0; kUsage naming the flag
// for anything else.
double parse_seconds(const std::string& text, const std::string& flag);

}  // namespace ganselect
