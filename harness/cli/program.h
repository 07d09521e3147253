// The command line: reads it, runs one command, turns every error into one line and an exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ganselect {

// Flags that every command takes.
struct GlobalFlags {
  std::string data_dir;  // empty: GANSELECT_DATA, else the user's cache folder
  bool quiet = false;    // warnings and errors only
  bool verbose = false;
};

// Runs after the whole command line has been read; returns the exit status.
using CommandAction = std::function<int()>;

struct Command {
  std::string name;
  std::string help;  // one line
  // Declares the command's flags on its own parser and returns what it does.
  std::function<CommandAction(CLI::App& app, const GlobalFlags& flags)> attach;
};

// What a library's exception means to the user; nothing for one it does not know.
using ExceptionText = std::optional<std::string> (*)(const std::exception& error);

// Runs `arguments` (without the program's name) by one of `commands`, which stand in the order of
// `ganselect --help`. Results go to standard output, everything else to standard error. Returns the
// exit status (base/error.h, ErrorKind).
int run_program(const std::vector<std::string>& arguments, const std::vector<Command>& commands,
                ExceptionText exception_text = nullptr);

// Prints a result to standard output as it is, and fails when that cannot be written (a full disk,
// a closed pipe).
void print_result(const std::string& text);

// The message for memory that ran out.
extern const char* const kOutOfMemory;

// Ends the process at once, after what was printed: undoing LibTorch's registrations or taking ten
// thousand records apart takes a tenth of a second, and the system does it anyway.
[[noreturn]] void leave(int status);

}  // namespace ganselect
