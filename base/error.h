// The only exception type of the project, and the helper that words it.
// A message is one line: "[where] expected ..., got ...; hint".
#pragma once

#include <stdexcept>
#include <string>

namespace ganselect {

// The value is the program's exit status.
enum class ErrorKind {
  kFailed = 1,         // could not be done: I/O, memory, an internal contradiction
  kUsage = 2,          // flags, settings or names that cannot be used
  kData = 3,           // data missing, damaged or not enough
  kProtocol = 4,       // values measured under different protocols must not be compared
  kSweepFailures = 5,  // a sweep went to its end with failed trials
  kInterrupted = 130,  // stopped by a signal with its state saved
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }
  int exit_status() const { return static_cast<int>(kind_); }

 private:
  ErrorKind kind_;
};

// Parts of a message; an empty part is left out.
struct Problem {
  std::string where;     // file, key, function or command
  std::string expected;  // what would have been right
  std::string got;       // the offending value
  std::string hint;      // what to do
};

std::string format_problem(const Problem& problem);

[[noreturn]] void fail(ErrorKind kind, const Problem& problem);

}  // namespace ganselect
