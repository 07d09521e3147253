// Measured rows along training, further detectors at its end, and a training that is not lost to
// measuring.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "base/files.h"
#include "harness/evaluate/sample_source.h"
#include "harness/sweep/sweep.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/checkpoint.h"
#include "results/records/store.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::thrown_by;
namespace fs = std::filesystem;

namespace {

TrialJob ring_job(const fs::path& folder, std::int64_t steps) {
  TrialJob job;
  job.settings = {.point = "lsgan",
                  .dataset = "ring",
                  .seed = 3,
                  .steps = steps,
                  .width = 0.25,
                  .curve_interval = 4,
                  .evaluation_interval = 6,
                  .batch = 16};
  job.folder = folder;
  job.stop = [] { return false; };
  return job;
}

Record ring_record(const TrialJob& job, const EvaluationPlan& plan) {
  static const TrialData data = load_trial_data("ring", {});
  Evaluator evaluator(data.train, data.held_out ? &*data.held_out : nullptr, plan, torch::kCPU);
  return run_trial_job(job, data, evaluator).value();
}

}  // namespace

TEST_CASE("every evaluation step is a measured row, as if the trial had ended there",
          "[fast][sweep]") {
  const test::TempDir dir;
  EvaluationPlan plan;
  plan.num_samples = 90;
  plan.checkpoint_samples = 60;
  plan.evaluation_steps = {3, 9, 12};
  const Record record = ring_record(ring_job(dir / "t", 12), plan);
  REQUIRE(record.checkpoints.size() == 4);
  const std::vector<std::int64_t> steps = {3, 6, 9, 12};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& row = record.checkpoints[i];
    CAPTURE(steps[i]);
    CHECK(row.step == steps[i]);
    CHECK(row.full == (row.step != 6));
    CHECK(row.measures.value("fid").has_value());
    CHECK(row.measures.value("coverage").has_value() == row.full);
    CHECK(row.measures.protocol.at("n_fake") == 60);
    CHECK(row.measures.protocol.at("measures").contains("coverage") == row.full);
  }
  CHECK(record.measures.protocol.at("n_fake") == 90);
  const auto curve = curve_from_csv(read_file(dir / "t/curve.csv"), "curve.csv");
  CHECK(curve.front().step == 3);
  CHECK(curve.front().measure("fid") == record.checkpoints[0].measures.value("fid"));

  EvaluationPlan shorter = plan;
  shorter.num_samples = 60;
  shorter.evaluation_steps = {};
  const Record nine = ring_record(ring_job(dir / "nine", 9), shorter);
  for (const char* name : {"fid", "coverage", "recall", "high_quality_share"}) {
    CAPTURE(name);
    REQUIRE(nine.measure(name));
    CHECK(record.checkpoints[2].measures.value(name) == nine.measure(name));
  }
  // Written and read back alike.
  const Record read = read_record(dir / "t/record.json");
  CHECK(to_json(read) == to_json(record));
}

TEST_CASE("further detectors look at the samples of the end", "[fast][sweep]") {
  const test::TempDir dir;
  const TrialData data = load_trial_data("embedded", {}, {.count = 200, .draw = 0});
  EvaluationPlan plan;
  plan.num_samples = 70;
  plan.metrics = {"fid", "prdc", "modes"};
  plan.detectors = {"pixels"};
  TrialJob job = ring_job(dir / "t", 2);
  job.settings.dataset = "embedded";
  job.settings.dataset_limit = 200;
  job.settings.width = 0.05;
  Evaluator evaluator(data.train, &*data.held_out, plan, torch::kCPU);
  CHECK(evaluator.trial_settings().at("detector_digests").at("pixels").get<std::string>().size() ==
        64);
  const Record record = run_trial_job(job, data, evaluator).value();
  CHECK(record.measures.protocol.at("detector") == "judge-embedded");
  REQUIRE(record.measures_by_detector.size() == 1);
  const Measures& pixels = record.measures_by_detector.at("pixels");
  CHECK(pixels.protocol.at("detector") == "pixels");
  CHECK(pixels.protocol.at("n_fake") == 70);
  CHECK(pixels.value("coverage").has_value());
  CHECK_FALSE(pixels.value("modes").has_value());
  CHECK_FALSE(pixels.reason.at("modes").empty());
  CHECK_FALSE(pixels.values.contains("reconstruction_error"));

  // The same samples: what `evaluate --run` says under that detector.
  EvaluationPlan alone = plan;
  alone.detector = "pixels";
  alone.detectors = {};
  Evaluator other(data.train, &*data.held_out, alone, torch::kCPU);
  const auto sourced = source_samples({.run = (dir / "t").string(), .count = 70, .seed = plan.seed},
                                      /*points=*/false);
  CHECK(other.measure(sourced.input).value("fid") == pixels.value("fid"));
  CHECK(pixels.value("fid") != record.measure("fid"));
  const Record read = read_record(dir / "t/record.json");
  CHECK(to_json(read) == to_json(record));
}

TEST_CASE("detectors and steps that cannot be are refused before training", "[fast][sweep]") {
  const TrialData data = load_trial_data("ring", {}, {.count = 64});
  const auto refused = [&](std::vector<std::string> detectors) {
    EvaluationPlan plan;
    plan.detectors = std::move(detectors);
    return thrown_by([&] { Evaluator(data.train, nullptr, plan, torch::kCPU); });
  };
  CHECK(contains(refused({"coordinates"}).message,
                 "[key 'detectors'] expected other detectors than coordinates, each once, got "
                 "'coordinates'"));
  CHECK(refused({"judge-cifar11"}).kind == ErrorKind::kUsage);
  CHECK(refused({"pixels"}).kind == ErrorKind::kData);  // takes no points
  const Json plan = {{"name", "late"},
                     {"dataset", "ring"},
                     {"points", {"dcgan"}},
                     {"train", {{"steps", 100}}},
                     {"evaluation", {{"evaluation_steps", {50, 101}}}}};
  const auto late = thrown_by([&] { plan_from_json(plan, "late"); });
  CHECK(late.kind == ErrorKind::kUsage);
  CHECK(contains(late.message, "expected steps of at most 100, the updates of dcgan, got 101"));
}

TEST_CASE("a measurement that fails after training is made again without training",
          "[fast][sweep]") {
  const test::TempDir dir;
  EvaluationPlan plan;
  plan.num_samples = 60;
  const TrialJob job = ring_job(dir / "t", 8);
  // A folder where the measurement's own file should be: the kind of trouble a full disk makes.
  TrialJob hindered = job;
  hindered.stop = [&] {  // asked before every update
    fs::create_directories(dir / "t/statistics.safetensors/in-the-way");
    return false;
  };
  CHECK_THROWS_AS(ring_record(hindered, plan), Error);
  CHECK_FALSE(fs::exists(dir / "t/record.json"));
  REQUIRE(fs::exists(dir / "t/generator.safetensors"));
  const auto trained = load_checkpoint(dir / "t");
  REQUIRE(trained);
  const auto generator = read_file(dir / "t/generator.safetensors");
  fs::remove_all(dir / "t/statistics.safetensors");
  const Record record = ring_record(job, plan);
  CHECK(record.status == TrialStatus::kFinished);
  CHECK(record.measure("fid").has_value());
  // Not one second of training was added.
  CHECK(record.measure("train_seconds") == trained->seconds);
  CHECK(read_file(dir / "t/generator.safetensors") == generator);
}
