// Several trainings in one process: who waits for whom. Recorders here stand still for a while and
// note who is beside them; no device is needed. `scripts/threads` runs these under the thread
// sanitizer.
#include "harness/train/capture/step_runner.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>

#include "base/error.h"

namespace ganselect {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kTrainings = 16;

// What may be done by one training at a time, and how often two did it at once.
struct Alone {
  std::atomic<int> inside{0}, met{0};
  int passed = 0;  // without a lock of its own: the thread sanitizer sees where two are inside
  void pass(std::chrono::milliseconds time) {
    if (++inside > 1) ++met;
    ++passed;
    std::this_thread::sleep_for(time);
    --inside;
  }
};

struct Scene {
  Alone alone;
  std::atomic<int> replays{0}, recorded{0}, ended{0};
  std::chrono::milliseconds recording{2}, replaying{1}, ending{3};
};

class SceneRecorder : public Recorder {
 public:
  explicit SceneRecorder(Scene& scene) : scene_(scene) {}
  ~SceneRecorder() override {
    scene_.alone.pass(scene_.ending);
    ++scene_.ended;
  }
  void record(const std::function<void()>&, const std::vector<torch::Generator>&) override {
    scene_.alone.pass(scene_.recording);
    ++scene_.recorded;
  }
  void replay() override {
    std::this_thread::sleep_for(scene_.replaying);
    ++scene_.replays;
  }

 private:
  Scene& scene_;
};

struct RefusingRecorder : Recorder {
  void record(const std::function<void()>&, const std::vector<torch::Generator>&) override {
    throw std::runtime_error("an operation that no graph holds");
  }
  void replay() override {}
};

StepOptions recorded_by(Scene& scene) {
  return {.graph = "on", .recorder = [&scene] { return std::make_unique<SceneRecorder>(scene); }};
}

std::unique_ptr<StepRunner> runner_of(
    const StepOptions& how, std::function<void()> work = [] {}) {
  return make_step_runner({.work = std::move(work)}, torch::kCPU, how);
}

void warm_up(StepRunner& runner) {
  for (int i = 0; i < kWarmUpSteps; ++i) runner.step();
}

// Trainings that replay until the end of their scope.
class Replaying {
 public:
  Replaying(Scene& scene, int count) : count_(count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, &scene] {
        const auto runner = runner_of(recorded_by(scene));
        warm_up(*runner);
        runner->step();
        ++ready_;
        while (ready_ < count_) std::this_thread::sleep_for(1ms);
        while (!stop_) runner->step();
      });
    }
    while (ready_ < count_) std::this_thread::sleep_for(1ms);
  }
  ~Replaying() { end(); }
  void end() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  int count_;
  std::atomic<bool> stop_{false};
  std::atomic<int> ready_{0};  // recorded; nobody replays before all are
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("a recording beside 16 replaying trainings comes in within 100 ms",
          "[fast][graph][threads]") {
  Scene scene;
  Replaying others(scene, kTrainings);
  auto shortest = Clock::duration::max();
  for (int attempt = 0; attempt < 5; ++attempt) {  // a busy machine may be late by itself
    auto late = std::async(std::launch::async, [&] {
      const auto runner = runner_of(recorded_by(scene));
      const auto start = Clock::now();
      warm_up(*runner);
      runner->step();
      return Clock::now() - start;
    });
    if (late.wait_for(2s) != std::future_status::ready) {
      others.end();
      FAIL("a training waited for others' replays until they ended");
    }
    shortest = std::min(shortest, late.get());
  }
  CHECK(shortest < 100ms);
  CHECK(scene.alone.met == 0);
}

TEST_CASE("a training that falls back to eager keeps nobody waiting", "[fast][graph][threads]") {
  Scene scene;
  Replaying others(scene, 2);
  std::atomic<bool> steps_slowly{false};
  const auto slow = runner_of(
      {.graph = "auto", .recorder = [] { return std::make_unique<RefusingRecorder>(); }}, [&] {
        if (steps_slowly) std::this_thread::sleep_for(400ms);
      });
  warm_up(*slow);
  slow->step();
  REQUIRE(slow->mode() == "eager");
  steps_slowly = true;
  const int replays_before = scene.replays;
  std::thread falling_back([&] { slow->step(); });
  std::this_thread::sleep_for(20ms);
  const auto start = Clock::now();
  const auto fresh = runner_of(recorded_by(scene));
  warm_up(*fresh);
  fresh->step();
  const auto waited = Clock::now() - start;
  falling_back.join();
  CHECK(fresh->mode() == "captured");
  CHECK(waited < 200ms);
  CHECK(scene.replays - replays_before > 40);
}

TEST_CASE("recordings and their ends are by one training at a time", "[fast][graph][threads]") {
  Scene scene;
  std::vector<std::thread> threads;
  for (int i = 0; i < kTrainings; ++i) {
    threads.emplace_back([&] {
      for (int again = 0; again < 3; ++again) {
        const auto runner = runner_of(recorded_by(scene), [&] { scene.alone.pass(0ms); });
        warm_up(*runner);
        for (int step = 0; step < 3; ++step) runner->step();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(scene.recorded == 3 * kTrainings);
  CHECK(scene.ended == 3 * kTrainings);
  CHECK(scene.replays == 3 * 3 * kTrainings);
  CHECK(scene.alone.met == 0);
}

TEST_CASE("where a capture is insisted on, a refusal is an error and the next training goes on",
          "[fast][graph][threads]") {
  const auto refused =
      runner_of({.graph = "on", .recorder = [] { return std::make_unique<RefusingRecorder>(); }});
  warm_up(*refused);
  CHECK_THROWS_AS(refused->step(), Error);
  Scene scene;
  const auto next = runner_of(recorded_by(scene));
  warm_up(*next);
  next->step();
  CHECK(next->mode() == "captured");
}

}  // namespace ganselect
