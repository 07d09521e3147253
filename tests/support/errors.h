// What a call throws, for tests of messages.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "base/error.h"

namespace ganselect::test {

struct Thrown {
  ErrorKind kind = ErrorKind::kFailed;
  std::string message;  // empty: nothing was thrown
};

template <class F>
Thrown thrown_by(F&& call) {
  try {
    call();
  } catch (const Error& e) {
    return {e.kind(), e.what()};
  }
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace ganselect::test
