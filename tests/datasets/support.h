// What the data set tests share.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

#include "base/files.h"
#include "datasets/table.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect::test {

using Catch::Matchers::ContainsSubstring;

inline std::string md5_of_text(const std::string& bytes) {
  Digest digest(Digest::Kind::kMd5);
  digest.update(bytes);
  return digest.hex();
}

// The row that would describe `bytes` as an official file.
inline OfficialFile official(const std::string& name, const std::string& bytes) {
  return {name, bytes.size(), md5_of_text(bytes)};
}

}  // namespace ganselect::test
