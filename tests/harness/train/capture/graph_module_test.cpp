#include "harness/train/capture/graph_module.h"

#include <dlfcn.h>

#include <catch2/catch_test_macros.hpp>
#include <exception>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;

// A module that cannot be used must leave training as it is without one, and say why.
TEST_CASE("a capture module that is missing, damaged or another library is told with its reason",
          "[fast][graph]") {
  const test::TempDir folder;
  const auto missing = load_graph_module(folder.path() / "none.so");
  CHECK_FALSE(missing.make);
  CHECK(contains(missing.reason, "none.so was not built with this program"));

  write_file_atomically(folder.path() / "damaged.so", "not an ELF file");
  const auto damaged = load_graph_module(folder.path() / "damaged.so");
  CHECK_FALSE(damaged.make);
  CHECK(contains(damaged.reason, "damaged.so"));

  Dl_info library{};
  REQUIRE(::dladdr(reinterpret_cast<void*>(&std::terminate), &library) != 0);
  const auto other = load_graph_module(library.dli_fname);
  CHECK_FALSE(other.make);
  CHECK(contains(other.reason, "is no module of this program"));
}

TEST_CASE("nothing but a GPU is captured", "[fast][graph]") {
  const auto support = graph_support(torch::kCPU);
  CHECK_FALSE(support.make);
  CHECK(contains(support.reason, "only a GPU's work can be captured"));
}
