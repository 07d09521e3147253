// The command line: reads it, runs one command, turns every error into one line and an exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
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

// The table of commands, in the order of `ganselect --help`.
const std::vector<Command>& commands();

// Runs `arguments` (without the program's name). Results go to standard output, everything else to
// standard error. Returns the exit status (base/error.h, ErrorKind).
int run_program(const std::vector<std::string>& arguments);

// Prints a result to standard output as it is, and fails when that cannot be written (a full disk,
// a closed pipe).
void print_result(const std::string& text);

}  // namespace ganselect
