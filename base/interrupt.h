// SIGINT and SIGTERM as a flag: long work asks for it between steps, saves its state and stops with
// ErrorKind::kInterrupted.
#pragma once

namespace ganselect {

// From now on the first SIGINT or SIGTERM sets the flag; a second one ends the process at once.
void install_signal_handlers();

bool interrupted();

// Sets the flag as a signal would (tests, time budgets) or takes it back.
void set_interrupted(bool value);

// Throws kInterrupted when the flag is set; `saved` says what a user finds again ("trial state
// saved in runs/x").
void throw_if_interrupted(const char* saved);

}  // namespace ganselect
