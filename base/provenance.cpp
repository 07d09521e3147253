#include "base/provenance.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/first_line.h"
#include "generated/provenance_values.h"

namespace ganselect {
namespace {

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("model name", 0) == 0) {
      const auto colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  }
  return "unknown";
}

}  // namespace

std::string program_version() { return GANSELECT_VERSION; }

Json provenance() {
  return {{"version", GANSELECT_VERSION},
          {"commit", GANSELECT_COMMIT},
          {"dirty", GANSELECT_DIRTY},
          {"compiler", GANSELECT_COMPILER},
          {"build_type", GANSELECT_BUILD_TYPE},
          {"libtorch", GANSELECT_LIBTORCH},
          {"cpu", cpu_model()},
          {"cores", std::thread::hardware_concurrency()},
          {"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))}};
}

std::string share_dir() {
  namespace fs = std::filesystem;
  if (const char* named = std::getenv("GANSELECT_SHARE"); named != nullptr && *named != '\0')
    return named;
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  if (!code) {
    // A build says where its sources are; bin/ganselect and lib/ganselect/ganselect-torch lie in a
    // tree that may be moved.
    if (const auto sources = first_line(program.parent_path() / "share_dir.txt")) return *sources;
    for (const char* up : {"..", "../.."}) {
      const auto installed =
          (program.parent_path() / up / "share" / "ganselect").lexically_normal();
      if (fs::is_directory(installed, code)) return installed.string();
    }
  }
  return "share/ganselect";
}

}  // namespace ganselect
