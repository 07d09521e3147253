// What every fuzz target and the short seeded run in the tests share: a reader, the files it starts
// from, and the rule that a reader ends in a value or in an Error, never in anything else.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ganselect::fuzz {

struct Target {
  std::string name;
  std::vector<std::string> seeds;        // whole, valid files
  void (*read)(std::string_view bytes);  // throws what is no Error where a promise is broken
};

// Runs `call`; an Error is a fair answer to a damaged file, any other exception is not and passes.
template <class F>
void expect_value_or_error(F&& call) {
  try {
    call();
  } catch (const Error&) {
  }
}

inline void require(bool promise) {
  if (!promise) throw std::logic_error("a reader broke a promise");
}

}  // namespace ganselect::fuzz
