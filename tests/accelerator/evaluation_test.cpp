// Measuring on a pretended accelerator: every measure computed there, equal to the CPU's.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "harness/evaluate/evaluation.h"
#include "harness/sweep/sweep.h"
#include "harness/sweep/trial_job.h"
#include "results/records/store.h"
#include "tests/accelerator/simulated_device.h"
#include "tests/harness/train/fixtures.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

Measures measured_on(const std::string& device, const Dataset& train, const Dataset& held_out) {
  EvaluationPlan plan;
  plan.detector = "judge-cifar10";
  plan.num_samples = 240;
  Evaluator evaluator(train, &held_out, plan, torch::Device(device));
  SampleInput input;
  const auto samples = test::tiny_images(9).samples.repeat({3, 1, 1, 1}).slice(0, 0, 240);
  samples.slice(0, 96, 240).bitwise_xor_(31);
  input.samples = stream_tensor(samples);
  return evaluator.measure(input);
}

}  // namespace

TEST_CASE("measures on a device are those on the CPU", "[fast][device]") {
  auto train = test::tiny_images(1), held_out = test::tiny_images(2);
  train.samples =
      torch::cat({train.samples, test::tiny_images(3).samples, test::tiny_images(4).samples});
  held_out.samples = torch::cat({held_out.samples, test::tiny_images(5).samples});
  const auto cpu = measured_on("cpu", train, held_out);
  const auto device = measured_on(test::kSimulated, train, held_out);
  REQUIRE(cpu.values.size() == device.values.size());
  int compared = 0;
  for (const auto& spec : metric_specs()) {
    INFO(spec.name);
    const auto a = cpu.value(spec.name), b = device.value(spec.name);
    REQUIRE(a.has_value() == b.has_value());
    if (!a) continue;
    ++compared;
    CHECK(*b == Catch::Approx(*a).epsilon(1e-6).margin(1e-9));
  }
  CHECK(compared >= 15);
  CHECK(test::take_races().empty());
}

TEST_CASE("a sweep on a device captures every trial and runs several at once", "[fast][device]") {
  const test::TempDir dir;
  Plan plan;
  plan.name = "device-test";
  plan.dataset = "ring";
  plan.points = {"dcgan", "wgan", "sngan"};
  plan.seeds = {0, 1};
  plan.train = {{"steps", 12},
                {"batch", 16},
                {"width", 0.25},
                {"curve_interval", 4},
                {"evaluation_interval", 6}};
  plan.evaluation.num_samples = 80;
  plan.evaluation.checkpoint_samples = 40;
  SweepSettings settings;
  settings.device = test::kSimulated;
  settings.steps.recorder = test::make_simulated_recorder;
  settings.out = dir / "several";
  const SweepResult several = run_sweep(plan, settings);
  CHECK(several.count("finished") == 6);
  settings.out = dir / "one";
  settings.jobs = 1;
  settings.steps = {.graph = "off"};
  CHECK(run_sweep(plan, settings).count("finished") == 6);

  const auto captured = load_records(dir / "several"), eager = load_records(dir / "one");
  REQUIRE(captured.size() == 6);
  for (std::size_t i = 0; i < captured.size(); ++i) {
    INFO(captured[i].trial_id);
    CHECK(captured[i].trial_id == eager[i].trial_id);
    CHECK(captured[i].provenance.at("step_mode") == "captured");
    CHECK(eager[i].provenance.at("step_mode") == "eager");
    const Json& machine = captured[i].provenance.at("machine");
    CHECK(machine.at("kind") == "hpu");
    CHECK(machine.at("name") == test::kSimulated);
    CHECK(machine.at("memory_bytes") == test::kSimulatedBytes);
    CHECK(machine.at("driver").is_null());
    CHECK_FALSE(machine.at("reason").at("driver").get<std::string>().empty());
    CHECK(captured[i].measure("fid") == eager[i].measure("fid"));
    CHECK(captured[i].measure("critic_accuracy_real") == eager[i].measure("critic_accuracy_real"));
  }
  CHECK(test::take_races().empty());
}

}  // namespace ganselect
