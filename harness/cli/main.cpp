// `ganselect`: answers from records by itself, which takes a fraction of the time that loading
// LibTorch does, and becomes `ganselect-torch`, which lies beside it, for everything else.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/interrupt.h"
#include "harness/cli/answers.h"
#include "harness/cli/libtorch.h"

namespace {
namespace fs = std::filesystem;

constexpr int kCannotStart = 1;

std::vector<std::string>::const_iterator first_word(const std::vector<std::string>& arguments) {
  return std::find_if(arguments.begin(), arguments.end(),
                      [](const std::string& a) { return a.rfind('-', 0) != 0; });
}

// True when the command line's first word that is no flag is one of `commands`. A flag's value may
// stand there instead: then the other program, which has every command, reads it just as well.
bool is_among(const std::vector<ganselect::Command>& commands,
              const std::vector<std::string>& arguments) {
  const auto word = first_word(arguments);
  return word != arguments.end() &&
         std::any_of(commands.begin(), commands.end(),
                     [&](const ganselect::Command& row) { return row.name == *word; });
}

// A build knows its LibTorch; an installed program looks for one.
void show_libtorch(const fs::path& folder) {
  std::error_code code;
  if (fs::read_symlink("/proc/self/exe", code).parent_path() == folder &&
      std::getenv("GANSELECT_LIBTORCH") == nullptr)
    return;
  const auto path = ganselect::library_path_with(ganselect::find_libtorch());
  setenv("LD_LIBRARY_PATH", path.c_str(), 1);
}

// What a newcomer types first, `--help` and `--version`, is answered without LibTorch too.
int without_libtorch(const std::vector<std::string>& arguments,
                     const std::vector<ganselect::Command>& commands,
                     const ganselect::Error& error) {
  const auto asked = [&](const char* flag) {
    return std::find(arguments.begin(), arguments.end(), flag) != arguments.end();
  };
  const bool help = asked("--help") || asked("-h");
  if (first_word(arguments) != arguments.end() || (!help && !asked("--version"))) {
    fmt::print(stderr, "ganselect: {}\n", error.what());
    return error.exit_status();
  }
  const int status = ganselect::run_program(arguments, commands);
  if (help && status == 0)
    fmt::print("\nThe others (train, sweep, evaluate ...): {}\n", error.what());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const fs::path folder = ganselect::companion_folder();
  const fs::path catalogue = folder / "catalogue.json";
  const auto commands = ganselect::answer_commands([&] {
    return ganselect::catalogue_from_json(ganselect::read_json_file(catalogue), catalogue.string());
  });
  if (is_among(commands, arguments) && fs::exists(catalogue)) {
    ganselect::ignore_closed_pipes();
    ganselect::leave(ganselect::run_program(arguments, commands));
  }
  try {
    show_libtorch(folder);
  } catch (const ganselect::Error& error) {
    return without_libtorch(arguments, commands, error);
  }
  const fs::path whole = folder / "ganselect-torch";
  execv(whole.c_str(), argv);
  fmt::print(stderr, "ganselect: [{}] expected the program beside this one, got {}\n",
             whole.string(), std::strerror(errno));
  return kCannotStart;
}
