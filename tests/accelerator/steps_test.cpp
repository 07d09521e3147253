// Training on a pretended accelerator: what CUDA graphs ask of an iteration, for every candidate.
#include <catch2/catch_test_macros.hpp>

#include "base/text.h"
#include "base/torch/generators.h"
#include "datasets/partition.h"
#include "harness/train/capture_check.h"
#include "harness/train/sampler.h"
#include "harness/train/trainer.h"
#include "metrics/detectors/detector.h"
#include "metrics/neighborhoods_make.h"
#include "tests/accelerator/simulated_device.h"
#include "tests/harness/train/fixtures.h"

namespace ganselect {
namespace {

using test::kSimulated;

constexpr std::int64_t kClusters = 4;

TrainSettings device_settings(const std::string& point) {
  auto settings = test::tiny_settings(point);
  settings.device = kSimulated;
  settings.batch = 12;  // packs of 2, 3 and 4 divide it
  settings.ema_decay = 0.9;
  if (resolve_candidate(settings).n_critic > 1) settings.n_critic = 2;
  if (resolve_candidate(settings).n_gen > 1) settings.n_gen = 2;
  if (resolve_candidate(settings).clusters > 0) settings.clusters = kClusters;
  return settings;
}

// With all that a candidate may be told of a sample: labels, neighbourhoods and clusters.
Dataset told_images() {
  auto data = test::labelled_images();
  data.neighborhoods = std::make_shared<const Neighborhoods>(
      make_neighborhoods(data, *load_detector("pixels"), {.k = 5, .stored = 8}));
  auto random = make_stream(0, "partition");
  data.partition = std::make_shared<const Partition>(any_partition(data, kClusters, random));
  return data;
}

void make_steps(Trainer& trainer, int steps) {
  for (int i = 0; i < steps; ++i) trainer.step();
}

}  // namespace

TEST_CASE("no candidate's iteration waits for the device or leaves it", "[fast][graph]") {
  const auto data = told_images();
  for (const auto& candidate : candidates()) {
    INFO(candidate.name);
    Trainer trainer(device_settings(candidate.name), data, nullptr, {.graph = "off"});
    trainer.step();
    const test::Watch watch;
    make_steps(trainer, 2);
    INFO(join(watch.found()));
    CHECK(watch.found().empty());
    CHECK(watch.operators() > 100);
  }
  CHECK(test::take_races().empty());
}

TEST_CASE("captured iterations are the eager ones, bit for bit, for every candidate",
          "[fast][graph]") {
  const auto data = told_images();
  for (const auto& candidate : candidates()) {
    INFO(candidate.name);
    const auto settings = device_settings(candidate.name);
    Trainer eager(settings, data, nullptr, {.graph = "off"});
    Trainer captured(settings, data, nullptr,
                     {.graph = "on", .recorder = test::make_simulated_recorder});
    make_steps(eager, kWarmUpSteps + 2);
    make_steps(captured, kWarmUpSteps + 2);
    CHECK(eager.step_mode() == "eager");
    CHECK(captured.step_mode() == "captured");
    CHECK(test::differing_tensors(eager.state(), captured.state()).empty());
  }
  CHECK(test::take_races().empty());
}

TEST_CASE("a capture check finds captured losses equal, and sees when they are not",
          "[fast][graph]") {
  const auto data = test::tiny_images();
  const auto settings = device_settings("dcgan");
  const auto right = check_capture(settings, data, 20, test::make_simulated_recorder);
  CHECK(right.same);
  CHECK(right.captured_difference == 0);
  CHECK(right.eager_difference == 0);

  // A recorder whose replays do nothing: the losses' sums stay as the warm-up left them.
  struct Idle : Recorder {
    void record(const std::function<void()>&, const std::vector<torch::Generator>&) override {}
    void replay() override {}
  };
  CHECK_THROWS(check_capture(settings, data, 30, [] { return std::make_unique<Idle>(); }));
  // One that skips every second iteration.
  struct Lame : Recorder {
    void record(const std::function<void()>& work,
                const std::vector<torch::Generator>& generators) override {
      whole->record(work, generators);
    }
    void replay() override {
      if (++count % 2 == 0) whole->replay();
    }
    std::unique_ptr<Recorder> whole = test::make_simulated_recorder();
    int count = 0;
  };
  const auto wrong = check_capture(settings, data, 20, [] { return std::make_unique<Lame>(); });
  CHECK_FALSE(wrong.same);
  CHECK(wrong.captured_difference > wrong.allowed);
}

TEST_CASE("a captured trainer goes on from a state in the same memory", "[fast][graph]") {
  const auto data = test::tiny_images();
  const auto settings = device_settings("sngan");
  const StepOptions how{.graph = "on", .recorder = test::make_simulated_recorder};
  Trainer whole(settings, data, nullptr, how);
  make_steps(whole, kWarmUpSteps + 2);
  const auto half = whole.state();
  make_steps(whole, 2);
  const auto end = whole.state();
  whole.restore(half);
  make_steps(whole, 2);
  CHECK(test::differing_tensors(whole.state(), end).empty());
  // Taken up by a new trainer, whose first steps are its warm-up again.
  Trainer resumed(settings, data, nullptr, how);
  resumed.restore(half);
  make_steps(resumed, 2);
  CHECK(test::differing_tensors(resumed.state(), end).empty());
}

}  // namespace ganselect
