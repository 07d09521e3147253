// Other programs: words as a shell reads them, and commands that are run without one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ganselect {

// The word as a POSIX shell must be given it (POSIX.1-2017, shell command language 2.2): as it is
// where nothing in it has a meaning there, else between single quotes.
std::string shell_word(std::string_view word);

// Words with blanks between them.
std::string shell_line(std::span<const std::string> words);

// Its exit status; 127 where there is no such program on the path, as a shell has it.
inline constexpr int kNoSuchProgram = 127;

// Runs a command (its program is looked for on the path) and waits for it. What it prints goes into
// `output`, or to standard error where that is null.
int run_command(const std::vector<std::string>& words, std::string* output = nullptr);

}  // namespace ganselect
