#include "harness/train/trial.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <map>
#include <optional>
#include <set>

#include "base/files.h"
#include "datasets/formats/image_io.h"
#include "harness/train/checkpoint.h"
#include "harness/train/trial_files.h"
#include "tests/harness/train/fixtures.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {

namespace {

// Evaluates nothing real: FID counts down from 100 by the step.
TrialCallbacks counting_callbacks(int& evaluations) {
  TrialCallbacks callbacks;
  callbacks.evaluate = [&evaluations](Trainer&, const TrialProgress& progress) {
    ++evaluations;
    const double fid = 100.0 - static_cast<double>(progress.step);
    return Evaluation{.values = {{"fid", fid}}, .record = {{"measures", {{"fid", fid}}}}};
  };
  callbacks.stop = [] { return false; };
  return callbacks;
}

TrialCallbacks stopping_after(int steps) {
  TrialCallbacks callbacks;
  callbacks.stop = [steps, asked = 0]() mutable { return asked++ >= steps; };
  return callbacks;
}

TrainSettings ring_trial(std::int64_t steps) {
  auto settings = test::tiny_settings("dcgan");
  settings.steps = steps;
  return settings;
}

// The trial's weights at its end, whatever else its checkpoint holds.
TensorFile final_state(const std::filesystem::path& folder) {
  return load_safetensors(folder / kCheckpointFile);
}

}  // namespace

TEST_CASE("a trial leaves its files and no other", "[fast][trial]") {
  const test::TempDir folder;
  const auto data = test::tiny_images();
  auto settings = test::tiny_settings("dcgan");
  settings.steps = 5;
  settings.evaluation_interval = 3;
  int evaluations = 0;
  const auto result =
      run_trial(settings, data, nullptr, counting_callbacks(evaluations), {}, folder / "t");
  CHECK(result.status.name == "finished");
  CHECK(result.steps_done == 5);
  CHECK(evaluations == 2);
  REQUIRE(result.rows.size() == 4);  // steps 2, 3 (evaluated), 4, 5 (last)
  CHECK(result.rows[1].measure("fid") == 97.0);
  CHECK(result.rows[3].measure("fid") == 95.0);
  REQUIRE(result.evaluations.size() == 2);
  CHECK(result.evaluations[0].at("step") == 3);
  CHECK(result.evaluations[1].at("measures").at("fid") == 95.0);
  CHECK((curve_from_csv(read_file(folder / "t/curve.csv"), "curve.csv") == result.rows));
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "t")) {
    names.insert(entry.path().filename().string());
  }
  CHECK(names == std::set<std::string>{"settings.json", "curve.csv", "checkpoint.safetensors",
                                       "generator.safetensors", "samples.png"});
  // 8 x 8 images of 32 pixels with borders of 2.
  CHECK(read_image(folder / "t/samples.png").pixels.sizes() == torch::IntArrayRef({3, 274, 274}));
  for (const auto& [name, value] : result.cost) {
    INFO(name);
    CHECK(value.has_value());
  }
}

TEST_CASE("a trial that is stopped and taken up ends as one that was not",
          "[fast][trial][resume]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  const auto settings = ring_trial(9);
  run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "whole");
  const auto stopped = run_trial(settings, data, nullptr, stopping_after(5), {}, folder / "cut");
  CHECK(stopped.status.name == "interrupted");
  CHECK(stopped.status.step == 5);
  CHECK_FALSE(std::filesystem::exists(folder / "cut/generator.safetensors"));
  const auto ended = run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "cut");
  CHECK(ended.status.name == "finished");
  CHECK(
      test::differing_tensors(final_state(folder / "whole"), final_state(folder / "cut")).empty());
  CHECK(read_file(folder / "whole/samples.png") == read_file(folder / "cut/samples.png"));

  auto whole = load_curve(folder / "whole", 9), cut = load_curve(folder / "cut", 9);
  for (auto* rows : {&whole, &cut}) {
    for (auto& row : *rows) row.seconds = 0;  // the clock is not part of the promise
  }
  CHECK((whole == cut));
}

TEST_CASE("a trial cut off after its last checkpoint repeats the steps since",
          "[fast][trial][resume]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  const auto settings = ring_trial(9);
  run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "whole");
  run_trial(settings, data, nullptr, stopping_after(3), {}, folder / "cut");
  const auto early = read_file(folder / "cut/checkpoint.safetensors");
  run_trial(settings, data, nullptr, stopping_after(4), {}, folder / "cut");
  // As after kill -9: the curve is ahead of the checkpoint.
  write_file_atomically(folder / "cut/checkpoint.safetensors", early);
  CHECK(load_curve(folder / "cut", 99).back().step == 6);
  const auto ended = run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "cut");
  CHECK(ended.rows.size() == 5);
  CHECK(
      test::differing_tensors(final_state(folder / "whole"), final_state(folder / "cut")).empty());
}

TEST_CASE("a trial that has ended is not trained again", "[fast][trial]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  const auto settings = ring_trial(4);
  int evaluations = 0;
  const auto callbacks = counting_callbacks(evaluations);
  run_trial(settings, data, nullptr, callbacks, {}, folder / "t");
  const auto before = read_file(folder / "t/curve.csv");
  const auto again = run_trial(settings, data, nullptr, callbacks, {}, folder / "t");
  CHECK(evaluations == 1);
  CHECK(again.status.name == "finished");
  CHECK(again.evaluations.size() == 1);
  CHECK(read_file(folder / "t/curve.csv") == before);
}

TEST_CASE("a finished trial that is asked for more steps is trained on, as if asked at once",
          "[fast][trial][resume]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  int evaluations = 0;
  const auto callbacks = counting_callbacks(evaluations);
  run_trial(ring_trial(8), data, nullptr, callbacks, {}, folder / "whole");
  run_trial(ring_trial(4), data, nullptr, callbacks, {}, folder / "on");
  const auto on = run_trial(ring_trial(8), data, nullptr, callbacks, {}, folder / "on");
  CHECK(on.status.name == "finished");
  CHECK(on.steps_done == 8);
  REQUIRE(on.evaluations.size() == 2);  // of both ends
  CHECK(on.evaluations[0].at("step") == 4);
  CHECK(test::differing_tensors(final_state(folder / "whole"), final_state(folder / "on")).empty());
  CHECK(read_file(folder / "whole/samples.png") == read_file(folder / "on/samples.png"));
  CHECK(read_json_file(folder / "on/settings.json").at("steps") == 8);
  // Back to fewer it cannot go.
  CHECK(test::contains(test::thrown_by([&] {
                         run_trial(ring_trial(4), data, nullptr, callbacks, {}, folder / "on");
                       }).message,
                       "expected 'steps' = 8, as the trial was started, got 4"));
}

TEST_CASE("an ended trial without a checkpoint cannot be trained on, and stays as it was",
          "[fast][trial][resume]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  run_trial(ring_trial(4), data, nullptr, stopping_after(99), {}, folder / "t");
  std::filesystem::remove(folder / "t/checkpoint.safetensors");
  const auto refused = test::thrown_by(
      [&] { run_trial(ring_trial(8), data, nullptr, stopping_after(99), {}, folder / "t"); });
  CHECK(refused.kind == ErrorKind::kData);
  CHECK(test::contains(refused.message, "expected a checkpoint to train on from, got none"));
  CHECK(read_json_file(folder / "t/settings.json").at("steps") == 4);
}

TEST_CASE("a training is not lost to an evaluation that fails", "[fast][trial][resume]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  auto settings = ring_trial(7);
  settings.evaluation_interval = 3;
  int evaluations = 0;
  const auto whole =
      run_trial(settings, data, nullptr, counting_callbacks(evaluations), {}, folder / "whole");
  // Fails once at each evaluation: along the way, where training goes on after it, and at the end.
  std::vector<std::int64_t> failed_at;
  auto failing = counting_callbacks(evaluations);
  failing.evaluate = [&](Trainer&, const TrialProgress& at) {
    if (failed_at.empty() || failed_at.back() != at.step) {
      failed_at.push_back(at.step);
      fail(ErrorKind::kFailed, {.where = "test", .expected = "an evaluation", .got = "a failure"});
    }
    const double fid = 100.0 - static_cast<double>(at.step);
    return Evaluation{.values = {{"fid", fid}}, .record = {{"measures", {{"fid", fid}}}}};
  };
  std::optional<TrialResult> ended;
  for (int run = 0; run < 4; ++run) {
    // The last run has nothing to train: it would be stopped before its first step.
    if (run == 3) failing.stop = stopping_after(1).stop;
    try {
      ended = run_trial(settings, data, nullptr, failing, {}, folder / "t");
    } catch (const Error& error) {
      CHECK(test::contains(error.what(), "an evaluation"));
      CHECK(std::filesystem::exists(folder / "t/generator.safetensors") == (run == 2));
    }
  }
  CHECK(failed_at == std::vector<std::int64_t>{3, 6, 7});
  REQUIRE(ended);
  CHECK(ended->status.name == "finished");
  REQUIRE(ended->evaluations.size() == 3);
  CHECK(ended->evaluations[2].at("measures").at("fid") == 93.0);
  CHECK(ended->rows.size() == whole.rows.size());
  CHECK(ended->rows.back().measure("fid") == 93.0);
  CHECK(test::differing_tensors(final_state(folder / "whole"), final_state(folder / "t")).empty());
  CHECK(load_generator(folder / "t/generator.safetensors").step == 7);
}

// The child does not come back: it is killed inside its last evaluation.
void die_while_measuring(const TrainSettings& settings, const Dataset& data,
                         const std::filesystem::path& folder) {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    TrialCallbacks callbacks;
    callbacks.stop = [] { return false; };
    callbacks.evaluate = [](Trainer&, const TrialProgress&) -> Evaluation {
      ::raise(SIGKILL);
      return {};
    };
    run_trial(settings, data, nullptr, callbacks, {}, folder);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("a trial killed while it is measured for the last time is measured, not trained again",
          "[fast][trial][resume]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  const auto settings = ring_trial(5);
  die_while_measuring(settings, data, folder / "t");
  REQUIRE(std::filesystem::exists(folder / "t/generator.safetensors"));
  const auto trained = load_checkpoint(folder / "t")->state;
  int evaluations = 0;
  const auto ended =
      run_trial(settings, data, nullptr, counting_callbacks(evaluations), {}, folder / "t");
  CHECK(evaluations == 1);
  CHECK(ended.status.name == "finished");
  CHECK(ended.steps_done == 5);
  CHECK(test::differing_tensors(trained, load_checkpoint(folder / "t")->state).empty());
}

TEST_CASE("other settings or data for a started trial name the key", "[fast][trial]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  run_trial(ring_trial(3), data, nullptr, stopping_after(1), {}, folder / "t");
  const auto refused = [&](const TrainSettings& settings, const Dataset& with, const Json& extra) {
    return test::thrown_by(
        [&] { run_trial(settings, with, nullptr, {}, {.extra_settings = extra}, folder / "t"); });
  };
  const auto steps = refused(ring_trial(2), data, Json::object());
  CHECK(steps.kind == ErrorKind::kUsage);
  CHECK(test::contains(steps.message, "expected 'steps' = 3, as the trial was started, got 2"));
  auto rate = ring_trial(3);
  rate.lr_g = 0.125;
  CHECK(test::contains(refused(rate, data, Json::object()).message,
                       "expected 'lr_g' = null, as the trial was started, got 0.125"));
  const auto other = refused(ring_trial(3), test::tiny_ring(9), Json::object());
  CHECK(test::contains(other.message, "expected 'data.train.digest' = "));
  const Json extra = {{"evaluation", {{"num_samples", 100}}}};
  CHECK(test::contains(refused(ring_trial(3), data, extra).message,
                       "expected 'evaluation.num_samples' = no such key"));
}

TEST_CASE("an impossible point leaves no folder behind", "[fast][trial]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  auto settings = ring_trial(3);
  settings.point = "dcgann";
  const auto unknown =
      test::thrown_by([&] { run_trial(settings, data, nullptr, {}, {}, folder / "t"); });
  CHECK(unknown.kind == ErrorKind::kUsage);
  CHECK_FALSE(std::filesystem::exists(folder / "t"));
}

TEST_CASE("a cut checkpoint is passed over for the previous one", "[fast][trial][checkpoint]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  const auto settings = ring_trial(9);
  run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "whole");
  run_trial(settings, data, nullptr, stopping_after(3), {}, folder / "cut");
  run_trial(settings, data, nullptr, stopping_after(2), {}, folder / "cut");
  const auto newest = read_file(folder / "cut/checkpoint.safetensors");
  write_file_atomically(folder / "cut/checkpoint.safetensors", newest.substr(0, newest.size() / 2));
  const auto ended = run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "cut");
  CHECK(ended.status.name == "finished");
  CHECK(
      test::differing_tensors(final_state(folder / "whole"), final_state(folder / "cut")).empty());
  CHECK_FALSE(std::filesystem::exists(folder / "cut" / kPreviousCheckpointFile));
}

TEST_CASE("with no whole checkpoint left the message says what to do",
          "[fast][trial][checkpoint]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  run_trial(ring_trial(9), data, nullptr, stopping_after(3), {}, folder / "t");
  const auto file = folder / "t/checkpoint.safetensors";
  const auto whole = read_file(file);
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, whole.size() - 1}) {
    write_file_atomically(file, whole.substr(0, size));
    const auto cut =
        test::thrown_by([&] { run_trial(ring_trial(9), data, nullptr, {}, {}, folder / "t"); });
    CHECK(cut.kind == ErrorKind::kData);
    CHECK(test::contains(cut.message, "checkpoint.safetensors] expected a whole checkpoint"));
    CHECK(test::contains(cut.message, "delete the trial's folder to start it over"));
  }
}

TEST_CASE("a trial that diverges ends with the step, and stays ended", "[fast][trial][diverged]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  auto settings = ring_trial(50);
  settings.point = "lsgan";
  settings.lr_d = 1e18;  // scores of 1e36 square to infinity
  const auto result = run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "t");
  CHECK(result.status.name == "diverged");
  REQUIRE(result.status.step.has_value());
  CHECK(*result.status.step >= 1);
  CHECK(*result.status.step <= 4);
  CHECK(result.rows.back().non_finite_step == result.status.step);
  CHECK_FALSE(result.files.contains("generator"));
  const auto again = run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "t");
  CHECK(again.status.name == "diverged");
  CHECK(again.status.step == result.status.step);
  CHECK(again.steps_done == result.steps_done);
}

TEST_CASE("a collapse stops the trial only where it is asked to", "[fast][trial][collapse]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  // The evaluation plants the collapse: from step 6 on the generator maps every latent to one
  // point.
  TrialCallbacks callbacks;
  callbacks.stop = [] { return false; };
  callbacks.evaluate = [](Trainer& trainer, const TrialProgress& progress) {
    torch::NoGradGuard no_grad;
    auto parameters = trainer.networks().generator->parameters();
    const double factor = progress.step < 6 ? 30.0 : 0.0;
    parameters[parameters.size() - 2].fill_(0).add_(
        torch::linspace(-1, 1, parameters[parameters.size() - 2].numel())
            .view_as(parameters[parameters.size() - 2]) *
        factor);
    return Evaluation{};
  };
  auto settings = ring_trial(20);
  settings.evaluation_interval = 1;
  const auto warned = run_trial(settings, data, nullptr, callbacks, {}, folder / "warn");
  CHECK(warned.status.name == "finished");
  REQUIRE(warned.warnings.size() == 1);
  CHECK(test::contains(warned.warnings[0], "collapse at step 8: samples are alike"));
  settings.on_collapse = "stop";
  const auto stopped = run_trial(settings, data, nullptr, callbacks, {}, folder / "stop");
  CHECK(stopped.status.name == "collapsed");
  CHECK(stopped.status.step == 8);
  CHECK(stopped.steps_done == 8);
  CHECK(stopped.warnings.empty());
}

TEST_CASE("cost measures of a trial", "[fast][trial][cost]") {
  const test::TempDir folder;
  const auto data = test::tiny_images();
  auto settings = test::tiny_settings("wgan-gp");
  settings.steps = 3;
  const auto result = run_trial(settings, data, nullptr, stopping_after(99), {}, folder / "t");
  std::map<std::string, double> cost;
  for (const auto& [name, value] : result.cost) cost[name] = value.value();
  CHECK(cost.at("train_seconds") == result.train_seconds);
  CHECK(cost.at("updates_per_second") == Catch::Approx(3 / result.train_seconds));
  CHECK(cost.at("images_per_second") == Catch::Approx(3 * 5 * 6 / result.train_seconds));
  // Two passes of each of five critic updates, five of the penalty, one of the generator's, less
  // three.
  CHECK(cost.at("extra_passes_per_update") == 13);
  // Weights, gradients and two moments of both networks and the data are a lower bound.
  const double floor =
      4 * 4 * (cost.at("parameters_g") + cost.at("parameters_d")) + 96 * 3 * 32 * 32;
  CHECK(cost.at("peak_memory_bytes") > floor);
  CHECK(cost.at("peak_memory_bytes") < 1e9);
}

TEST_CASE("progress is reported with the trial's end last", "[fast][trial]") {
  const test::TempDir folder;
  const auto data = test::tiny_ring();
  std::vector<std::int64_t> seen;
  auto callbacks = stopping_after(99);
  callbacks.progress = [&](const TrialProgress& progress) {
    seen.push_back(progress.step);
    CHECK(progress.steps == 4);
  };
  run_trial(ring_trial(4), data, nullptr, callbacks, {}, folder / "t");
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.back() == 4);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

}  // namespace ganselect
