// What is written of the commands from their own declarations: help within 80 columns, a man page,
// and completion for shells.
#pragma once

#include <memory>
#include <string>

#include "harness/cli/program.h"

namespace ganselect {

// Help in two columns, no line longer than 80.
std::shared_ptr<CLI::FormatterBase> help_formatter();

// ganselect(1) in man's macros; `app` is the whole program.
std::string man_page(const CLI::App& app);

// Completes commands and flags, and file names after flags that take a value.
std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);

// `manual` and `completion bash|zsh`.
CommandAction attach_manual(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_completion(CLI::App& app, const GlobalFlags& flags);

}  // namespace ganselect
