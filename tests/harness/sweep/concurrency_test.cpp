#include "harness/sweep/concurrency.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

#include "harness/sweep/job_pool.h"

namespace ganselect {
namespace {

struct Planned {
  std::int64_t jobs = 0;
  std::vector<ThroughputSample> measured;
};

// Follows the planner over a made-up throughput until it settles.
Planned plan_with(const std::function<double(std::int64_t)>& throughput, std::int64_t most) {
  Planned plan;
  for (int i = 0; i < 20; ++i) {
    const auto step = next_concurrency(plan.measured, most);
    CHECK(step.jobs >= 1);
    CHECK(step.jobs <= most);
    plan.jobs = step.jobs;
    if (step.settled) return plan;
    plan.measured.push_back({step.jobs, throughput(step.jobs)});
  }
  FAIL("the planner never settles");
  return plan;
}

}  // namespace

TEST_CASE("throughput that rises with every trial is followed to the limit", "[fast][planner]") {
  const auto linear = [](std::int64_t n) { return static_cast<double>(n); };
  const auto plan = plan_with(linear, 13);
  CHECK(plan.jobs == 13);
  std::vector<std::int64_t> tried;
  for (const auto& sample : plan.measured) tried.push_back(sample.jobs);
  CHECK(tried == std::vector<std::int64_t>{1, 2, 4, 8, 13});
}

TEST_CASE("a device that one trial fills trains one", "[fast][planner]") {
  CHECK(plan_with([](std::int64_t) { return 1.0; }, 24).jobs == 1);
  CHECK(plan_with([](std::int64_t n) { return 1.0 / static_cast<double>(n); }, 24).jobs == 1);
  // Noise below the least gain is no gain.
  CHECK(plan_with([](std::int64_t n) { return n == 1 ? 1.0 : 1.04; }, 24).jobs == 1);
}

TEST_CASE("a saturating device gets as many trials as fill it", "[fast][planner]") {
  for (const std::int64_t full : {2, 3, 5, 6, 11, 16}) {
    INFO(full);
    const auto plan =
        plan_with([&](std::int64_t n) { return static_cast<double>(std::min(n, full)); }, 24);
    CHECK(plan.jobs >= full);
    CHECK(plan.jobs < 2 * full);  // no count of which half would do as well
    CHECK(plan.measured.size() <= 9);
  }
}

TEST_CASE("a peak in the middle is found and the fall beyond it avoided", "[fast][planner]") {
  // Rises to 10 and falls by a tenth a trial after.
  const auto peaked = [](std::int64_t n) {
    const auto x = static_cast<double>(n);
    return n <= 10 ? x : 10 - (x - 10);
  };
  CHECK(plan_with(peaked, 24).jobs == 10);
}

TEST_CASE("the limit of one settles at once", "[fast][planner]") {
  CHECK(next_concurrency({}, 1) == ConcurrencyStep{.jobs = 1, .settled = true});
  CHECK(next_concurrency({}, 8) == ConcurrencyStep{.jobs = 1, .settled = false});
}

TEST_CASE("as many trials as memory holds, a tenth left free", "[fast][planner]") {
  // Two take 20 GB, so 10 each; (50 - 8) / 10 more.
  DeviceMemory memory{.free_bytes = 50e9, .total_bytes = 80e9, .reserved_bytes = 20e9};
  CHECK(trials_in_memory(memory, 2) == 6);
  CHECK(trials_in_memory(memory, 1) == 3);
  memory.free_bytes = 7e9;
  CHECK(trials_in_memory(memory, 2) == 2);
  memory = {.free_bytes = 70e9, .total_bytes = 80e9, .reserved_bytes = 1};
  CHECK(trials_in_memory(memory, 1) == kMostTrialsAtOnce);
  memory.reserved_bytes = 0;
  CHECK(trials_in_memory(memory, 1) == kMostTrialsAtOnce);
}

TEST_CASE("a pool keeps a fixed count and runs every job once", "[fast][planner]") {
  std::atomic<int> running{0}, most{0};
  std::vector<std::atomic<int>> ran(9);
  const auto job = [&](std::size_t i) {
    most = std::max(most.load(), ++running);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ++ran[i];
    --running;
  };
  const auto result = run_pool(ran.size(), job, {.jobs = 3, .most = 3});
  for (const auto& count : ran) CHECK(count == 1);
  CHECK(most == 3);
  CHECK(result.jobs == 3);
  CHECK(result.measured.empty());
}

TEST_CASE("a stopped pool starts no more", "[fast][planner]") {
  std::atomic<int> ran{0};
  PoolSettings settings;
  settings.stop = [&] { return ran >= 2; };
  run_pool(
      10, [&](std::size_t) { ++ran; }, settings);
  CHECK(ran == 2);
}

TEST_CASE("a pool tries more jobs while their work adds up", "[fast][planner]") {
  // A device that gives up to four jobs their full speed: work is counted by a clock of its own.
  using Clock = std::chrono::steady_clock;
  std::atomic<int> running{0};
  std::atomic<bool> over{false};
  std::mutex mutex;
  double work = 0;
  auto last = Clock::now();
  const auto advance = [&] {
    const std::scoped_lock lock(mutex);
    const auto now = Clock::now();
    work += std::min(running.load(), 4) * std::chrono::duration<double>(now - last).count();
    last = now;
    return work;
  };
  const auto job = [&](std::size_t) {
    advance();
    ++running;
    while (!over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    advance();
    --running;
  };
  PoolSettings settings;
  settings.most = 16;
  settings.settle_seconds = 0.03;
  settings.window_seconds = 0.1;
  settings.stop = [&] { return over.load(); };
  std::atomic<int> looks{0};
  settings.work_done = [&] {
    if (++looks == 8) over = true;  // two looks for each of 1, 2, 4 and 8 jobs
    return advance();
  };
  const auto result = run_pool(64, job, settings);
  REQUIRE(result.measured.size() == 4);
  CHECK(result.measured[0].jobs == 1);
  CHECK(result.measured[1].jobs == 2);
  CHECK(result.measured[2].jobs == 4);
  CHECK(result.measured[3].jobs == 8);
  CHECK(result.jobs == 6);  // would be next, as 8 gained nothing over 4
}

TEST_CASE("a pool tries no more jobs than fit, as told while they run", "[fast][planner]") {
  std::atomic<int> running{0}, most_at_once{0};
  std::atomic<std::int64_t> work{0};
  std::atomic<bool> over{false};
  const auto job = [&](std::size_t) {
    most_at_once = std::max(most_at_once.load(), ++running);
    for (; !over; ++work) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --running;
  };
  PoolSettings settings;
  settings.most = 16;
  settings.settle_seconds = 0.03;
  settings.window_seconds = 0.1;
  settings.work_done = [&] { return static_cast<double>(work.load()); };
  std::vector<std::int64_t> asked;
  settings.fit = [&](std::int64_t now) {
    asked.push_back(now);
    if (now == 3) over = true;
    return std::int64_t{3};
  };
  settings.stop = [&] { return over.load(); };
  const auto result = run_pool(64, job, settings);
  CHECK(asked == std::vector<std::int64_t>{1, 2, 3});
  CHECK(most_at_once == 3);
  CHECK(result.jobs == 3);
}

}  // namespace ganselect
