#include "base/parallel.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/processors.h"

using namespace ganselect;

TEST_CASE("every index is called once, few or many", "[fast][parallel]") {
  for (const std::size_t count : {0, 1, 5, 63, 64, 1000, 100003}) {
    for (const auto kind : {Calls::kShort, Calls::kLong}) {
      std::vector<std::atomic<int>> calls(count);
      parallel_for(
          count, [&](std::size_t i) { ++calls[i]; }, kind);
      std::size_t once = 0;
      for (const auto& n : calls) once += n == 1;
      CHECK(once == count);
    }
  }
}

TEST_CASE("two long calls run at once", "[fast][parallel]") {
  if (usable_processors() < 2) SKIP("one processor");
  std::atomic<int> begun{0}, met{0};
  parallel_for(
      2,
      [&](std::size_t) {
        ++begun;
        // Ten seconds for a thread to start on a busy machine.
        for (int i = 0; i < 10000 && begun < 2; ++i)
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        met += begun == 2;
      },
      Calls::kLong);
  CHECK(met == 2);
}

TEST_CASE("the first failure by index is thrown, and the others still run", "[fast][parallel]") {
  std::atomic<std::size_t> done{0};
  std::string message;
  try {
    parallel_for(1000, [&](std::size_t i) {
      ++done;
      if (i == 700 || i == 250) throw std::runtime_error("at " + std::to_string(i));
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message == "at 250");
  CHECK(done == 1000);
}
