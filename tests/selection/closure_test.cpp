// The selection engine builds and runs without LibTorch: this program links the whole of it, so
// what the loader has mapped here is all that an answer needs.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <string>

#include "selection/survey/claims.h"

namespace ganselect {
namespace {

TEST_CASE("No library of LibTorch is loaded where answers are made", "[fast][closure]") {
  std::ifstream maps("/proc/self/maps");
  if (!maps) SKIP("no /proc/self/maps");
  std::string line;
  std::size_t libraries = 0;
  while (std::getline(maps, line)) {
    CAPTURE(line);
    for (const char* part : {"libtorch", "libc10", "libcudart", "libgomp"})
      CHECK(line.find(part) == std::string::npos);
    libraries += line.find(".so") != std::string::npos ? 1 : 0;
  }
  CHECK(libraries > 0);               // else nothing was looked at
  CHECK(claim_specs().size() == 10);  // the engine is in this program
}

}  // namespace
}  // namespace ganselect
