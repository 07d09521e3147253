// `ganselect`: answers from records by itself, which takes a fraction of the time that loading
// LibTorch does, and becomes `ganselect-torch`, which lies beside it, for everything else.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/interrupt.h"
#include "harness/cli/answers.h"

namespace {
namespace fs = std::filesystem;

constexpr int kCannotStart = 1;

fs::path own_folder() {
  std::error_code code;
  return fs::read_symlink("/proc/self/exe", code).parent_path();
}

// True when the command line's first word that is no flag is one of `commands`. A flag's value may
// stand there instead: then the other program, which has every command, reads it just as well.
bool is_among(const std::vector<ganselect::Command>& commands,
              const std::vector<std::string>& arguments) {
  const auto word = std::find_if(arguments.begin(), arguments.end(),
                                 [](const std::string& a) { return a.rfind('-', 0) != 0; });
  return word != arguments.end() &&
         std::any_of(commands.begin(), commands.end(),
                     [&](const ganselect::Command& row) { return row.name == *word; });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const fs::path catalogue = own_folder() / "catalogue.json";
  const auto commands = ganselect::answer_commands([&] {
    return ganselect::catalogue_from_json(ganselect::read_json_file(catalogue), catalogue.string());
  });
  if (is_among(commands, arguments) && fs::exists(catalogue)) {
    ganselect::ignore_closed_pipes();
    ganselect::leave(ganselect::run_program(arguments, commands));
  }
  const fs::path whole = own_folder() / "ganselect-torch";
  execv(whole.c_str(), argv);
  fmt::print(stderr, "ganselect: [{}] expected the program beside this one, got {}\n",
             whole.string(), std::strerror(errno));
  return kCannotStart;
}
