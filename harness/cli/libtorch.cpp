#include "harness/cli/libtorch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/provenance.h"
#include "base/shell.h"
#include "base/text.h"
#include "harness/cli/program.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr const char* kCpuLibrary = "libtorch_cpu.so";
constexpr const char* kWheelList = "libtorch_wheels.txt";

std::string built_with() { return provenance().at("libtorch").get<std::string>(); }

// "2.11" of "2.11.0+cpu": libraries of one such version serve each other.
std::string series(const std::string& version) {
  return version.substr(0, version.find('.', version.find('.') + 1));
}

fs::path user_data_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data != '\0') return fs::path(data) / "ganselect" / "libtorch";
  const char* home = std::getenv("HOME");
  return home == nullptr ? fs::path() : fs::path(home) / ".local/share/ganselect/libtorch";
}

// The folder of the libraries in one that is LibTorch's, holds torch, or is that of the libraries.
std::optional<fs::path> libraries_in(const fs::path& folder) {
  std::error_code unseen;
  for (const char* below : {"", "lib", "torch/lib"}) {
    auto place = (folder / below).lexically_normal();
    if (!place.has_filename()) place = place.parent_path();  // "a/" is not below itself
    if (!folder.empty() && fs::exists(place / kCpuLibrary, unseen))
      return fs::absolute(place, unseen);
  }
  return std::nullopt;
}

// As a wheel (torch/version.py) or LibTorch's own archive (build-version) tells it; "" where none
// does.
std::string version_of(const fs::path& libraries) {
  const auto home = fs::path(libraries).parent_path();
  for (const char* name : {"version.py", "build-version"}) {
    std::ifstream in(home / name);
    for (std::string line; std::getline(in, line);) {
      const auto first = line.find_first_of("0123456789");
      const bool named = line.starts_with("__version__") || std::string(name) == "build-version";
      if (!named || first == std::string::npos) continue;
      return line.substr(first, line.find_first_of("'\" \r", first) - first);
    }
  }
  return "";
}

bool fits(const fs::path& libraries) {
  return series(version_of(libraries)) == series(built_with());
}

std::optional<fs::path> libraries_of_python() {
  constexpr const char* kAsk =
      "python3 -c \"import importlib.util as u; s = u.find_spec('torch'); "
      "print(s.submodule_search_locations[0] if s else '')\" 2>/dev/null";
  std::FILE* pipe = popen(kAsk, "r");  // NOLINT: a fixed command
  if (pipe == nullptr) return std::nullopt;
  std::string line;
  std::array<char, 512> part{};
  while (std::fgets(part.data(), static_cast<int>(part.size()), pipe) != nullptr)
    line += part.data();
  pclose(pipe);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  return line.empty() ? std::nullopt : libraries_in(line);
}

[[noreturn]] void refuse_named(const std::string& named, const std::optional<fs::path>& found) {
  fail(ErrorKind::kFailed,
       {.where = "GANSELECT_LIBTORCH",
        .expected =
            fmt::format("a folder with {} of LibTorch {}", kCpuLibrary, series(built_with())),
        .got = !found ? "none in '" + named + "'"
               : version_of(*found).empty()
                   ? "a library that does not say its version in " + found->string()
                   : "version " + version_of(*found) + " in " + found->string()});
}

// What is found without being named; `found` gets the versions that do not fit.
std::optional<fs::path> unnamed_libtorch(std::vector<std::string>& others) {
  const std::array<std::optional<fs::path>, 3> places = {
      libraries_in(companion_folder() / "libtorch"), libraries_in(user_data_folder()), {}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto found = i + 1 < places.size() ? places[i] : libraries_of_python();
    if (!found) continue;
    if (fits(*found)) return found;
    others.push_back("version " + version_of(*found) + " in " + found->string());
  }
  return std::nullopt;
}

struct SetupFlags {
  std::string into;
  bool cuda = false, print = false;
};

bool can_be_written(const fs::path& folder) {
  fs::path there = folder;
  while (!fs::exists(there) && there.has_parent_path() && there != there.parent_path())
    there = there.parent_path();
  return access(there.c_str(), W_OK) == 0;
}

std::vector<std::string> pip_command(const fs::path& into, bool cuda) {
  std::vector<std::string> wheels;
  std::ifstream in(fs::path(share_dir()) / "harness" / "cli" / kWheelList);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') wheels.push_back(line);
  }
  if (wheels.empty()) {
    fail(ErrorKind::kData,
         {.where = share_dir(),
          .expected = fmt::format("the list of wheels harness/cli/{}", kWheelList),
          .got = "none"});
  }
  std::vector<std::string> command = {"python3",   "-m",       "pip",        "install",
                                      "--upgrade", "--target", into.string()};
  if (cuda) {
    wheels.resize(1);  // and all that it asks for
  } else {
    command.emplace_back("--no-deps");
  }
  command.insert(command.end(), wheels.begin(), wheels.end());
  return command;
}

int run_setup(const SetupFlags& f) {
  const fs::path beside = companion_folder() / "libtorch";
  const fs::path into = !f.into.empty()          ? fs::path(f.into)
                        : can_be_written(beside) ? beside
                                                 : user_data_folder();
  const auto command = pip_command(into, f.cuda);
  if (f.print) {
    print_result(shell_line(command) + "\n");
    return 0;
  }
  std::vector<std::string> others;
  if (const auto found = unnamed_libtorch(others); found && f.into.empty()) {
    log_info("LibTorch {} is there already: {}", version_of(*found), found->string());
    return 0;
  }
  log_info("fetching LibTorch {} into {}", series(built_with()), into.string());
  if (const int status = run_command(command); status != 0 || !libraries_in(into)) {
    fail(ErrorKind::kFailed,
         {.where = "setup-libtorch",
          .expected = "'" + shell_line(command) + "' to work",
          .got = status == kNoSuchProgram
                     ? "no python3"
                     : fmt::format("exit status {}; what it says is above", status),
          .hint = "python3 with pip (python3-pip), a network and 2 GB are needed; or set "
                  "GANSELECT_LIBTORCH to a LibTorch of this version"});
  }
  log_info("LibTorch {} in {}", version_of(*libraries_in(into)), into.string());
  if (!f.into.empty())
    log_info("GANSELECT_LIBTORCH={} makes the program use it", fs::absolute(into).string());
  return 0;
}

}  // namespace

fs::path companion_folder() {
  std::error_code unseen;
  const auto own = fs::read_symlink("/proc/self/exe", unseen).parent_path();
  if (fs::exists(own / "ganselect-torch", unseen)) return own;
  return own.parent_path() / "lib" / "ganselect";
}

fs::path program_path() {
  std::error_code unseen;
  const auto own = fs::read_symlink("/proc/self/exe", unseen);
  const auto folder = own.parent_path();
  for (const auto& place : {folder / "ganselect", folder / ".." / ".." / "bin" / "ganselect"}) {
    if (fs::exists(place, unseen)) return place.lexically_normal();
  }
  return own;
}

fs::path find_libtorch() {
  if (const char* named = std::getenv("GANSELECT_LIBTORCH"); named != nullptr && *named != '\0') {
    const auto found = libraries_in(named);
    if (!found || !fits(*found)) refuse_named(named, found);
    return *found;
  }
  std::vector<std::string> others;
  if (const auto found = unnamed_libtorch(others)) return *found;
  fail(ErrorKind::kFailed,
       {.where = "LibTorch",
        .expected = fmt::format("version {}, which all but answers from records needs",
                                series(built_with())),
        .got = others.empty() ? "none" : join(others),
        .hint = "ganselect setup-libtorch fetches it; GANSELECT_LIBTORCH names one"});
}

std::string library_path_with(const fs::path& libraries) {
  const char* before = std::getenv("LD_LIBRARY_PATH");
  return before == nullptr || *before == '\0' ? libraries.string()
                                              : libraries.string() + ":" + before;
}

CommandAction attach_setup_libtorch(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<SetupFlags>();
  app.add_option("--into", flags->into,
                 "folder to put it (default: beside the program, else the user's data folder)");
  app.add_flag("--cuda", flags->cuda, "with the libraries for NVIDIA GPUs (5 GB)");
  app.add_flag("--print", flags->print, "only show the command that fetches it");
  return [flags] { return run_setup(*flags); };
}

}  // namespace ganselect
