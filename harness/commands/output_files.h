// What a command may write its result over.
#pragma once

#include <filesystem>
#include <vector>

namespace ganselect {

// kUsage where `output` is one of `inputs`, or a file that a trial is made of: its record,
// settings, curve, networks or statistics. Empty paths are nothing.
void check_output(const std::filesystem::path& output,
                  const std::vector<std::filesystem::path>& inputs);

}  // namespace ganselect
