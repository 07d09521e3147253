// Approved output: a text that a person has looked at, kept under tests/approved. With
// GANSELECT_APPROVE set, the tests write what they got there instead; review the diff.
#pragma once

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include "base/files.h"

namespace ganselect::test {

/// "line 3: 'approved' became 'received'" for the first line that differs.
inline std::string first_changed_line(const std::string& approved, const std::string& received) {
  std::istringstream a(approved);
  std::istringstream b(received);
  std::string line_a;
  std::string line_b;
  for (int number = 1;; ++number) {
    const bool more_a = static_cast<bool>(std::getline(a, line_a));
    const bool more_b = static_cast<bool>(std::getline(b, line_b));
    if (!more_a) line_a = "(end)";
    if (!more_b) line_b = "(end)";
    if (line_a != line_b) {
      return "line " + std::to_string(number) + ": '" + line_a + "' became '" + line_b + "'";
    }
    if (!more_a && !more_b) return "no line differs";
  }
}

/// Checks `text` byte for byte against tests/approved/`name`.
inline void check_approved(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(GANSELECT_TEST_DIR) / "approved" / name;
  if (std::getenv("GANSELECT_APPROVE") != nullptr) {
    write_file_atomically(path, text);
    WARN("wrote " << path.string() << ": look at the diff");
    return;
  }
  const std::string approved = std::filesystem::exists(path) ? read_file(path) : std::string();
  INFO(name << ": " << first_changed_line(approved, text));
  CHECK((approved == text));
}

}  // namespace ganselect::test
