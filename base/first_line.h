// The first line of a small file, as the system's own under /proc and /sys are read.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace ganselect {

// None where the file is missing, cannot be read or is empty.
inline std::optional<std::string> first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line)) return std::nullopt;
  return line;
}

}  // namespace ganselect
