#include "harness/train/memory.h"

#include <catch2/catch_test_macros.hpp>
#include <thread>

namespace ganselect {

TEST_CASE("the peak is that of tensors held at the same time", "[fast][memory]") {
  constexpr std::int64_t kBytes = 4 * 1000;
  const MemoryMeter meter(torch::kCPU);
  { const auto gone = torch::empty({3000}, torch::kFloat32); }
  const auto a = torch::empty({1000}, torch::kFloat32);
  CHECK(meter.peak_bytes() == 3 * kBytes);
  const auto b = torch::empty({2500}, torch::kFloat32);
  CHECK(meter.peak_bytes() == 3500 * 4);
}

TEST_CASE("another thread's tensors are not counted", "[fast][memory]") {
  const MemoryMeter meter(torch::kCPU);
  std::thread([] { const auto elsewhere = torch::empty({5000}, torch::kFloat32); }).join();
  CHECK(meter.peak_bytes() == 0);
}

}  // namespace ganselect
