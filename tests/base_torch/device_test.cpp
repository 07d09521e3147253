#include "base/torch/device.h"

#include <ATen/Context.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <string>

using namespace ganselect;

TEST_CASE("CUDA is asked for a queue a stream, unless the environment says otherwise",
          "[fast][device]") {
  const char* const kName = "CUDA_DEVICE_MAX_CONNECTIONS";
  const char* const before = std::getenv(kName);
  const std::string kept = before == nullptr ? "" : before;
  ::unsetenv(kName);
  at::globalContext().setBenchmarkCuDNN(false);
  set_cuda_defaults();
  CHECK(std::string(std::getenv(kName)) == "32");
  CHECK(at::globalContext().benchmarkCuDNN());
  ::setenv(kName, "12", 1);
  set_cuda_defaults();
  CHECK(std::string(std::getenv(kName)) == "12");
  if (before == nullptr)
    ::unsetenv(kName);
  else
    ::setenv(kName, kept.c_str(), 1);
}
