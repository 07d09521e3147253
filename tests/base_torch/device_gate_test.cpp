// Who may round products to TF32, and who waits for whom. The switch is LibTorch's own.
#include "base/torch/device_gate.h"

#include <ATen/Context.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "base/error.h"

using namespace ganselect;
using namespace std::chrono_literals;

namespace {

bool rounds() {
  const bool products = at::globalContext().allowTF32CuBLAS();
  return products == at::globalContext().allowTF32CuDNN() ? products : !products;
}

bool ready(const std::future<void>& future, std::chrono::milliseconds within) {
  return future.wait_for(within) == std::future_status::ready;
}

}  // namespace

TEST_CASE("products round to TF32 while that is asked for, and not before or after",
          "[fast][device][threads]") {
  { const ExactProducts exact; }
  CHECK_FALSE(rounds());
  {
    const ProductRounding tf32(true), again(true);
    CHECK(rounds());
    CHECK_THROWS_AS(ExactProducts(), Error);
    CHECK(rounds());
  }
  CHECK_FALSE(rounds());
  {
    const ExactProducts exact;
    CHECK_THROWS_AS(ProductRounding(true), Error);
    CHECK_FALSE(rounds());
  }
  CHECK_FALSE(rounds());
}

TEST_CASE("who measures waits for who records in TF32, and those after wait for both",
          "[fast][device][threads]") {
  std::promise<void> end_recording, end_measuring;
  std::future<void> measuring, recording;
  {
    const ProductRounding first(true);
    std::atomic<bool> asked{false};
    measuring = std::async(std::launch::async, [&] {
      asked = true;
      const ExactProducts exact;
      CHECK_FALSE(rounds());
      end_measuring.get_future().wait();
      CHECK_FALSE(rounds());
    });
    while (!asked) std::this_thread::yield();
    std::this_thread::sleep_for(30ms);  // until it stands in the line
    // Asks what the switch stands at, but came after one who waits for the other.
    recording = std::async(std::launch::async, [&] {
      const ProductRounding second(true);
      CHECK(rounds());
    });
    CHECK_FALSE(ready(measuring, 30ms));
    CHECK_FALSE(ready(recording, 0ms));
    CHECK(rounds());
  }
  CHECK_FALSE(ready(recording, 30ms));
  end_measuring.set_value();
  CHECK(ready(measuring, 2000ms));
  CHECK(ready(recording, 2000ms));
}

TEST_CASE("16 threads that record and measure each see the switch as they asked for it",
          "[fast][device][threads]") {
  std::atomic<int> wrong{0}, passed{0}, beside{0}, together{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, tf32 = i % 4 == 0] {
      for (int again = 0; again < 20; ++again) {
        const ProductRounding asked(tf32);
        if (!tf32 && ++beside > 1) ++together;
        for (int look = 0; look < 3; ++look) {
          if (rounds() != tf32) ++wrong;
          std::this_thread::sleep_for(100us);
        }
        if (!tf32) --beside;
        ++passed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(passed == 16 * 20);
  CHECK(together > 0);  // those who ask the same do not wait for each other
}
