// SIGINT and SIGTERM as a flag, for work that has a state to save: it asks for the flag between
// steps, saves and stops with ErrorKind::kInterrupted. Everything else just ends, as the system has
// it: files appear whole or not at all.
#pragma once

namespace ganselect {

// A closed pipe is a write error, not a death. Every program calls it at its start.
void ignore_closed_pipes();

// While one lives, the first SIGINT or SIGTERM sets the flag; a second one ends the process at
// once.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
};

bool interrupted();

// Sets the flag as a signal would (tests, time budgets) or takes it back.
void set_interrupted(bool value);

// Throws kInterrupted when the flag is set; `saved` says what a user finds again ("trial state
// saved in runs/x").
void throw_if_interrupted(const char* saved);

}  // namespace ganselect
