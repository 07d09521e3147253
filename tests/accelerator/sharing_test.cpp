// What trainings on a pretended accelerator share, and how far ahead of it they run.
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "base/torch/device_copy.h"
#include "base/torch/device_stream.h"
#include "harness/train/capture/step_runner.h"
#include "harness/train/trainer.h"
#include "tests/accelerator/simulated_device.h"
#include "tests/harness/train/fixtures.h"

namespace ganselect {
namespace {

const torch::Device kDevice{test::kSimulated};

double held_bytes() { return device_memory(kDevice)->reserved_bytes; }

TrainSettings settings_of(std::uint64_t seed) {
  auto settings = test::tiny_settings("dcgan");
  settings.device = test::kSimulated;
  settings.seed = seed;
  return settings;
}

}  // namespace

TEST_CASE("data lie on a device once, for as long as a reader holds them", "[fast][device]") {
  const auto host = torch::arange(4096, torch::kInt64);
  const double before = held_bytes();
  auto first = shared_copy(host, kDevice);
  auto second = shared_copy(host, kDevice);
  CHECK(first.device() == kDevice);
  CHECK(first.is_same(second));
  CHECK(held_bytes() - before == 4096 * 8);
  CHECK(first.cpu().equal(host));
  // Another view, or other values in the same memory, are other data.
  CHECK(shared_copy(host.slice(0, 0, 8), kDevice).size(0) == 8);
  CHECK(shared_copy(host.view({64, 64}), kDevice).dim() == 2);
  auto written = host;
  written[0] = 7;
  CHECK(shared_copy(written, kDevice)[0].item<std::int64_t>() == 7);
  CHECK(first[0].item<std::int64_t>() == 0);
  first.reset();
  second.reset();
  CHECK(held_bytes() == before);
  CHECK(shared_copy(host, torch::kCPU).is_same(host));
}

TEST_CASE("trainings of one data set hold one copy of it", "[fast][device]") {
  const auto data = test::tiny_images();
  const auto held_out = test::tiny_images(5);
  const auto bytes = static_cast<double>(data.samples.nbytes() + held_out.samples.nbytes());
  const double before = held_bytes();
  const Trainer one(settings_of(1), data, &held_out, {.graph = "off"});
  const double alone = held_bytes() - before;
  const Trainer two(settings_of(2), data, &held_out, {.graph = "off"});
  CHECK(alone > bytes);
  CHECK(held_bytes() - before == 2 * alone - bytes);
  CHECK(test::take_races().empty());
}

TEST_CASE("a training is never more than three replays ahead of its device", "[fast][graph]") {
  const auto data = test::tiny_images();
  Trainer trainer(settings_of(1), data, nullptr,
                  {.graph = "on", .recorder = test::make_simulated_recorder});
  for (int i = 0; i < kWarmUpSteps; ++i) trainer.step();
  test::take_event_waits();
  for (int i = 0; i < 10; ++i) trainer.step();
  const auto waits = test::take_event_waits();
  REQUIRE(waits.size() == 10 - kReplaysAhead);
  // Each waits for the same amount of work to be left over: that of two replays.
  CHECK(waits.front() > 0);
  CHECK(waits.front() % (kReplaysAhead - 1) == 0);
  for (const auto left : waits) CHECK(left == waits.front());
}

}  // namespace ganselect
