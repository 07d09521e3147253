#include "harness/sweep/sweep.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "base/files.h"
#include "base/torch/generators.h"
#include "base/torch/npy.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/training_version.h"
#include "metrics/evaluation_version.h"
#include "results/records/store.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
namespace fs = std::filesystem;

namespace {

Plan ring_plan() {
  Plan plan;
  plan.name = "ring-test";
  plan.dataset = "ring";
  plan.points = {"dcgan", "wgan"};
  plan.seeds = {0, 1};
  plan.train = {{"steps", 12},
                {"batch", 16},
                {"width", 0.25},
                {"curve_interval", 4},
                {"evaluation_interval", 6}};
  plan.evaluation.num_samples = 80;
  plan.evaluation.checkpoint_samples = 40;
  return plan;
}

SweepSettings into(const fs::path& out, std::int64_t jobs) {
  SweepSettings settings;
  settings.out = out;
  settings.device = "cpu";
  settings.jobs = jobs;
  return settings;
}

// What must not depend on how many trials ran beside each other, nor on time.
Json timeless(const Record& record) {
  Json json = to_json(record);
  for (const char* key : {"provenance"}) json.erase(key);
  for (auto& checkpoint : json["checkpoints"]) checkpoint.erase("seconds");
  for (const auto& spec : metric_specs()) {
    if (spec.group == MetricGroup::kCost) json["measures"].erase(spec.name);
  }
  return json;
}

}  // namespace

TEST_CASE("a sweep leaves a whole record for every trial, the same with one job and with two",
          "[fast][sweep]") {
  const test::TempDir dir;
  const SweepResult one = run_sweep(ring_plan(), into(dir / "one", 1));
  const SweepResult two = run_sweep(ring_plan(), into(dir / "two", 2));
  CHECK(one.count("finished") == 4);
  CHECK(two.count("finished") == 4);
  const auto first = load_records(dir / "one");
  const auto second = load_records(dir / "two");
  REQUIRE(first.size() == 4);
  REQUIRE(second.size() == 4);
  for (std::size_t i = 0; i < first.size(); ++i) {
    INFO(first[i].trial_id);
    CHECK(timeless(first[i]) == timeless(second[i]));
    CHECK(first[i].measure("fid").has_value());
    CHECK(first[i].measure("modes").has_value());
    CHECK(first[i].measure("updates_per_second").has_value());
    CHECK(first[i].checkpoints.size() == 2);
    CHECK(first[i].measures.protocol.at("detector") == "coordinates");
    CHECK(first[i].plan == "ring-test");
    CHECK(first[i].versions == RecordVersions{kTrainingVersion, kEvaluationVersion});
    CHECK_FALSE(first[i].settings.contains("training_version"));
    CHECK(first[i].dataset.shape == std::vector<std::int64_t>{2});
    CHECK(first[i].dataset.modes == 8);
    const auto n_critic = first[i].candidate.json.at("n_critic").get<std::int64_t>();
    CHECK(first[i].budget.images_seen == 12 * n_critic * 16);
    const Json& machine = first[i].provenance.at("machine");
    CHECK(machine.at("kind") == "cpu");
    CHECK(machine.at("threads") == 1);
  }
}

TEST_CASE("a second run of a sweep trains nothing again", "[fast][sweep]") {
  const test::TempDir dir;
  Plan plan = ring_plan();
  plan.seeds = {0};
  run_sweep(plan, into(dir.path(), 1));
  const auto before = load_records(dir.path());
  const auto stamp = fs::last_write_time(before[0].folder / kRecordFile);
  const SweepResult again = run_sweep(plan, into(dir.path(), 1));
  CHECK(again.count("finished") == 2);
  CHECK(fs::last_write_time(before[0].folder / kRecordFile) == stamp);
}

TEST_CASE("a trial with a record of fewer steps is trained on and recorded anew", "[fast][sweep]") {
  const test::TempDir dir;
  const Plan plan = ring_plan();
  const auto data = load_trial_data("ring", {});
  Evaluator evaluator(data.train, data.held_out ? &*data.held_out : nullptr, plan.evaluation,
                      torch::kCPU);
  TrialJob job{.settings = plan_trials(plan).front(), .folder = dir / "on"};
  const auto first = run_trial_job(job, data, evaluator);
  job.settings.steps = 24;
  const auto on = run_trial_job(job, data, evaluator);
  job.folder = dir / "whole";
  const auto whole = run_trial_job(job, data, evaluator);
  REQUIRE((first && on && whole));
  CHECK(first->budget.steps == 12);
  CHECK(on->budget.steps == 24);
  CHECK(read_record(dir / "on" / kRecordFile).budget.steps == 24);
  CHECK(on->measures.values.at("kid_exact") == whole->measures.values.at("kid_exact"));
  CHECK(on->measures.values.at("kid_exact") != first->measures.values.at("kid_exact"));
}

TEST_CASE("a trial that cannot run is recorded as failed, the others go on, and it is tried again",
          "[fast][sweep]") {
  const test::TempDir dir;
  Plan plan = ring_plan();
  plan.seeds = {0};
  // A file where the first trial's folder should be: the kind of trouble that is not the
  // candidate's.
  const fs::path blocked =
      dir.path() / estimate_sweep(plan, into(dir.path(), 1)).trials[0].trial_id;
  write_file_atomically(blocked, "in the way");
  const SweepResult result = run_sweep(plan, into(dir.path(), 1));
  CHECK(result.count("failed") == 1);
  CHECK(result.count("finished") == 1);
  CHECK_FALSE(result.trials[0].reason.empty());
  fs::remove(blocked);
  CHECK(run_sweep(plan, into(dir.path(), 1)).count("finished") == 2);
}

TEST_CASE("conditional points are skipped where the data have no labels", "[fast][sweep]") {
  const test::TempDir dir;
  const auto points = torch::randn({64, 2}, make_generator(1), torch::kFloat32);
  save_npz(dir / "bare.npz", {{"arr_0", points}});
  save_npz(dir / "told.npz", {{"arr_0", points}, {"arr_1", torch::arange(64).remainder(3)}});
  Plan plan = ring_plan();
  plan.points = {"cgan", "dcgan", "projection-cgan"};
  plan.seeds = {0};
  plan.dataset = "npz:" + (dir / "bare.npz").string();
  const SweepResult bare = run_sweep(plan, into(dir / "bare", 1));
  CHECK(bare.count("finished") == 1);
  CHECK(bare.count("skipped") == 2);
  CHECK(contains(bare.trials.back().reason, "needs labels"));
  CHECK(estimate_sweep(plan, into(dir / "bare", 1)).trials.size() == 1);

  plan.dataset = "npz:" + (dir / "told.npz").string();
  const SweepResult told = run_sweep(plan, into(dir / "told", 1));
  CHECK(told.count("finished") == 3);
  for (const auto& record : load_records(dir / "told")) {
    INFO(record.trial_id);
    const bool conditional = record.candidate.name != "dcgan";
    CHECK(record.measure("worst_class_coverage").has_value() == conditional);
    CHECK(record.candidate.json.contains("conditioning") == conditional);
  }
}

TEST_CASE("a time budget stops a sweep with its state saved", "[fast][sweep]") {
  const test::TempDir dir;
  Plan plan = ring_plan();
  plan.seeds = {0};
  plan.train["steps"] = 200000;
  SweepSettings settings = into(dir.path(), 1);
  settings.time_budget_seconds = 0.5;
  const SweepResult result = run_sweep(plan, settings);
  CHECK(result.stopped_by_budget);
  CHECK(result.count("unfinished") == 2);
  CHECK(load_record_folder(dir.path()).records.empty());
}

TEST_CASE("a sweep trains the longest trials first, and goes on without the finished ones",
          "[fast][sweep]") {
  const test::TempDir dir;
  Plan plan = ring_plan();
  plan.seeds = {0};
  plan.arms = {{"long", {"lsgan"}, {{"steps", 60}}}, {"longer", {"rasgan"}, {{"steps", 90}}}};
  const auto settings = into(dir.path(), 1);
  CHECK(run_sweep(plan, settings).count("finished") == 4);
  auto records = load_records(dir.path());
  REQUIRE(records.size() == 4);
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return fs::last_write_time(a.folder / kRecordFile) <
           fs::last_write_time(b.folder / kRecordFile);
  });
  std::vector<std::string> order;
  for (const auto& record : records) order.push_back(record.candidate.name);
  CHECK(order == std::vector<std::string>{"rasgan", "lsgan", "wgan", "dcgan"});
  fs::remove_all(records[0].folder);
  CHECK(run_sweep(plan, settings).count("finished") == 4);
}

TEST_CASE("asked for whole trials, a sweep starts none that the time budget would cut off",
          "[fast][sweep]") {
  const test::TempDir dir;
  Plan plan = ring_plan();
  plan.seeds = {0};
  plan.train["steps"] = 12;
  plan.arms = {{"long", {"lsgan"}, {{"steps", 2000000}}}};
  SweepSettings settings = into(dir.path(), 1);
  settings.time_budget_seconds = 20;
  settings.only_whole_trials = true;
  const SweepResult result = run_sweep(plan, settings);
  CHECK(result.stopped_by_budget);
  CHECK(result.count("finished") == 2);
  REQUIRE(result.trials.size() == 3);
  CHECK(result.trials[2].status == "unfinished");
  CHECK_FALSE(fs::exists(dir.path() / result.trials[2].trial_id));
}

TEST_CASE("a limited trial draws its samples class by class and is held against others",
          "[fast][sweep]") {
  const TrialData whole = load_trial_data("embedded", {});
  const auto classes = static_cast<std::int64_t>(whole.train.class_names.size());
  const TrialData drawn = load_trial_data("embedded", {}, {.count = 300, .draw = 4});
  CHECK(drawn.train.size() == 300);
  CHECK(drawn.train.split == "train, 300 drawn by seed 4");
  CHECK(drawn.held_out->split == "train left out, 10000 drawn by seed 4");
  CHECK(drawn.held_out->size() == 10000);
  CHECK_FALSE(torch::equal(drawn.train.samples, whole.train.samples.slice(0, 0, 300)));
  const auto shares = [&](const torch::Tensor& labels) {
    return torch::bincount(labels, {}, classes).to(torch::kFloat64) * 300 /
           static_cast<double>(labels.size(0));
  };
  CHECK((shares(drawn.train.labels) - shares(whole.train.labels)).abs().max().item<double>() < 1);
  const TrialData again = load_trial_data("embedded", {}, {.count = 300, .draw = 4});
  CHECK(again.train.digest == drawn.train.digest);
  CHECK(load_trial_data("embedded", {}, {.count = 300, .draw = 5}).train.digest !=
        drawn.train.digest);
  // None of the held-out images was trained on.
  const auto key = [](const torch::Tensor& images) {
    std::set<std::string> keys;
    for (std::int64_t i = 0; i < images.size(0); ++i) keys.insert(content_digest(images[i], {}));
    return keys;
  };
  const auto trained = key(drawn.train.samples), held_out = key(drawn.held_out->samples);
  for (const auto& image : trained) CHECK_FALSE(held_out.contains(image));
}

TEST_CASE("a limit without a draw takes the first samples, as trials did before there was one",
          "[fast][sweep]") {
  const TrialData limited = load_trial_data("embedded", {}, {.count = 300});
  const TrialData whole = load_trial_data("embedded", {});
  REQUIRE(limited.held_out);
  CHECK(limited.train.size() == 300);
  CHECK(torch::equal(limited.train.samples, whole.train.samples.slice(0, 0, 300)));
  CHECK(limited.held_out->size() == 10000);
  CHECK(torch::equal(limited.held_out->samples, whole.train.samples.slice(0, 300, 10300)));
  CHECK(limited.held_out->split == "rows 300 to 10300 of train");
  CHECK(limited.held_out->digest != whole.held_out->digest);
}

TEST_CASE("shards part what a plan trains: each training in one of them, names of it beside it",
          "[fast][sweep]") {
  const test::TempDir dir;
  Plan plan = ring_plan();
  plan.points = {"dcgan/non-saturating", "wgan", "lsgan", "dcgan"};  // the first is the last
  plan.seeds = {0, 1};
  const auto ids_by = [&](std::int64_t shard, std::int64_t shards) {
    SweepSettings settings = into(dir / "none", 1);
    settings.shard = shard;
    settings.shards = shards;
    std::map<bool, std::vector<std::string>> ids;  // of trials that are skipped, and that are not
    for (const auto& trial : sweep_status(plan, settings))
      ids[trial.status == "skipped"].push_back(trial.trial_id);
    return ids;
  };
  auto whole = ids_by(0, 1);
  REQUIRE(whole[false].size() == 6);
  REQUIRE(whole[true].size() == 2);
  for (const std::int64_t shards : {2, 3, 5, 8}) {
    INFO(shards << " shards");
    std::map<bool, std::multiset<std::string>> together;
    for (std::int64_t shard = 0; shard < shards; ++shard) {
      for (const auto& [skipped, ids] : ids_by(shard, shards)) {
        together[skipped].insert(ids.begin(), ids.end());
        if (!skipped) CHECK(static_cast<std::int64_t>(ids.size()) <= (6 + shards - 1) / shards);
      }
    }
    for (auto& [skipped, ids] : together)
      CHECK(ids == std::multiset<std::string>(whole[skipped].begin(), whole[skipped].end()));
  }
  SweepSettings beyond = into(dir / "none", 1);
  beyond.shards = 3;
  beyond.shard = 3;
  const auto refused = test::thrown_by([&] { sweep_status(plan, beyond); }).message;
  CHECK(contains(refused, "I from 1 to 3"));
  CHECK(contains(refused, "4/3"));
  CHECK_FALSE(fs::exists(dir / "none"));
}

TEST_CASE("a dry run foretells time and disk and writes nothing", "[fast][sweep]") {
  const test::TempDir dir;
  const SweepEstimate estimate = estimate_sweep(ring_plan(), into(dir / "none", 1));
  CHECK(estimate.trials.size() == 4);
  CHECK(estimate.seconds > 0);
  CHECK(estimate.disk_bytes > 0);
  CHECK(estimate.memory_bytes > 1e6);
  CHECK_FALSE(fs::exists(dir / "none"));
}
