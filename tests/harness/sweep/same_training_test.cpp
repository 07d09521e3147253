#include "harness/sweep/same_training.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/sweep/sweep.h"
#include "results/records/store.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

// As candidates will say it of themselves.
Json with_same_training(const TrainSettings& settings) {
  Json candidate = recorded_candidate(settings);
  candidate["same_training"] =
      settings.point == "fgan-gan" || settings.point == "fgan-jensen-shannon" ? "dcgan"
                                                                              : settings.point;
  return candidate;
}

std::vector<TrainSettings> trials_of(const std::vector<std::string>& points) {
  std::vector<TrainSettings> trials;
  for (const auto& point : points) trials.push_back({.point = point, .seed = 4});
  return trials;
}

}  // namespace

TEST_CASE("names of one training are found by what is trained or by what they say",
          "[fast][sweep]") {
  using Indices = std::vector<std::size_t>;
  const auto trials = trials_of({"dcgan/non-saturating", "fgan-gan", "lsgan", "dcgan",
                                 "fgan-jensen-shannon", "dcgan/non-saturating/no-batch-norm-d"});
  CHECK(standing_trials(trials, with_same_training) == Indices{3, 3, 2, 3, 3, 5});
  // Without dcgan itself the first of the others stands for it, a candidate before a point.
  CHECK(standing_trials(trials_of({"dcgan/non-saturating", "fgan-jensen-shannon", "fgan-gan"}),
                        with_same_training) == Indices{1, 1, 1});
  // Another seed or rate is another training.
  auto unlike = trials_of({"dcgan", "fgan-gan", "fgan-gan"});
  unlike[1].seed = 5;
  unlike[2].lr_g = 1e-3;
  CHECK(standing_trials(unlike, with_same_training) == Indices{0, 1, 2});
  CHECK(training_identity(trials[0]) == training_identity(trials[3]));
  CHECK(training_identity(trials[2]) != training_identity(trials[3]));
}

TEST_CASE("a sweep trains one training once", "[fast][sweep]") {
  const test::TempDir dir;
  Plan plan;
  plan.name = "once";
  plan.dataset = "ring";
  plan.points = {"dcgan/non-saturating", "dcgan"};
  plan.train = {{"steps", 4}, {"batch", 16}, {"width", 0.25}};
  plan.evaluation.num_samples = 60;
  SweepSettings settings;
  settings.out = dir.path();
  settings.device = "cpu";
  const SweepResult result = run_sweep(plan, settings);
  REQUIRE(result.trials.size() == 2);
  CHECK(result.count("finished") == 1);
  CHECK(result.trials[1].status == "skipped");
  CHECK(result.trials[1].reason == "the same training as dcgan");
  const auto records = load_records(dir.path());
  REQUIRE(records.size() == 1);
  CHECK(records[0].candidate.name == "dcgan");
  CHECK(estimate_sweep(plan, settings).trials.size() == 1);
}

}  // namespace ganselect
