// Judges documents by a JSON Schema file with python3's jsonschema package; no verdict without it.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "tests/support/temp_dir.h"

namespace ganselect::test {

/// Name -> "valid" or a complaint, for each member of the object `documents`. `schema` is a path
/// from the repository's root. Nothing when python3 or its jsonschema package is missing.
inline std::optional<std::map<std::string, std::string>> schema_verdicts(const std::string& schema,
                                                                         const Json& documents) {
  const std::filesystem::path tests(GANSELECT_TEST_DIR);
  const TempDir dir;
  write_file_atomically(dir / "documents.json", documents.dump());
  const std::string command = "python3 '" + (tests / "support/validate_schema.py").string() +
                              "' '" + (tests.parent_path() / schema).string() + "' '" +
                              (dir / "documents.json").string() + "' > '" +
                              (dir / "verdicts").string() + "'";
  const int status = std::system(command.c_str());
  constexpr int kNoPython = 127;
  constexpr int kNoPackage = 77;
  if (WIFEXITED(status) &&
      (WEXITSTATUS(status) == kNoPython || WEXITSTATUS(status) == kNoPackage)) {
    return std::nullopt;
  }
  std::map<std::string, std::string> verdicts;
  std::istringstream lines(read_file(dir / "verdicts"));
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    verdicts[line.substr(0, tab)] = line.substr(tab + 1);
  }
  return verdicts;
}

}  // namespace ganselect::test
