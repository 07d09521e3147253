// Checks that are run one after the other, each with a line of its own as soon as it is done, so
// that what a device that fails for good has let through is known.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ganselect {

struct NamedCheck {
  std::string name;
  std::function<std::string()> run;  // what was found right; throws otherwise, whatever it likes
};

// Runs all of them, whatever one throws, and tells `print` a row after each: lines of a table under
// a head, or with `json` the parts of one JSON array of {"check", "right", "found"}. Returns how
// many threw. `print` may throw, which ends the list.
std::size_t run_checks(const std::vector<NamedCheck>& checks, bool json,
                       const std::function<void(const std::string&)>& print);

}  // namespace ganselect
