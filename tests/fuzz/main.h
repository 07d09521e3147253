// The entry points of libFuzzer for one target. GANSELECT_FUZZ_SEEDS names a folder into which the
// seeds are written first.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "tests/fuzz/targets.h"

namespace ganselect::fuzz {
const Target& target();
}  // namespace ganselect::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* folder = std::getenv("GANSELECT_FUZZ_SEEDS");
  if (folder == nullptr) return 0;
  const auto& seeds = ganselect::fuzz::target().seeds;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    ganselect::write_file_atomically(std::filesystem::path(folder) / ("seed-" + std::to_string(i)),
                                     seeds[i]);
  }
  return 0;
}

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ganselect::fuzz::target().read({reinterpret_cast<const char*>(data), size});
  return 0;
}
