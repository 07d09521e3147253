#include "harness/sweep/plan.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/provenance.h"
#include "models/candidates.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::thrown_by;

namespace {

std::string refusal(const std::string& text) {
  return thrown_by([&] { plan_from_json(parse_json(text, "p.json"), "p.json"); }).message;
}

}  // namespace

TEST_CASE("a plan becomes one trial a point and seed, seed by seed", "[fast][plan]") {
  const Plan plan = plan_from_json(
      parse_json(R"({"name": "two", "dataset": "ring", "points": ["dcgan", "dcgan/hinge"],
      "seeds": [3, 5], "train": {"steps": 7}, "arms": [{"name": "slow", "points": ["dcgan"], "train": {"lr_g": 1e-5}}]})",
                 "p.json"),
      "p.json");
  const auto trials = plan_trials(plan);
  REQUIRE(trials.size() == 6);
  CHECK(trials[0].point == "dcgan");
  CHECK(trials[0].dataset == "ring");
  CHECK(trials[0].steps == 7);
  CHECK(trials[1].point == parse_point("dcgan/hinge").name);
  CHECK(trials[2].lr_g == 1e-5);
  CHECK(std::all_of(trials.begin(), trials.begin() + 3,
                    [](const TrainSettings& t) { return t.seed == 3; }));
  CHECK(std::all_of(trials.begin() + 3, trials.end(),
                    [](const TrainSettings& t) { return t.seed == 5; }));
  std::set<std::string> ids;
  for (const auto& trial : trials) ids.insert(trial_id(trial, Json::object()));
  CHECK(ids.size() == trials.size());
}

TEST_CASE("an arm may have seeds of its own", "[fast][plan]") {
  const Plan plan = plan_from_json(
      parse_json(R"({"name": "more", "dataset": "ring", "points": ["dcgan"], "seeds": [0, 1],
      "arms": [{"name": "close call", "points": ["lsgan"], "seeds": [1, 7]},
               {"name": "as the plan", "points": ["wgan"]}]})",
                 "p.json"),
      "p.json");
  std::vector<std::string> trials;
  for (const auto& t : plan_trials(plan)) trials.push_back(t.point + " " + std::to_string(t.seed));
  CHECK(trials ==
        std::vector<std::string>{"dcgan 0", "wgan 0", "dcgan 1", "lsgan 1", "wgan 1", "lsgan 7"});
  CHECK(contains(refusal(R"({"name": "x", "points": [], "seeds": [0],
                             "arms": [{"name": "a", "points": ["dcgan"], "seeds": [2, 2]}]})"),
                 "twice"));
}

TEST_CASE("groups stand for the candidates of the table", "[fast][plan]") {
  std::size_t survey = 0;
  for (const auto& candidate : candidates()) survey += !candidate.extension && !candidate.is_told();
  CHECK(expand_points({"@survey"}, "plan").size() == survey);
  const auto told = expand_points({"@conditional"}, "plan");
  CHECK(std::count(told.begin(), told.end(), "cgan") == 1);
  for (const auto& name : told) CHECK(parse_point(name).needs_labels);
  const auto once = expand_points({"dcgan", "@table-7", "dcgan"}, "plan");
  CHECK(std::count(once.begin(), once.end(), "dcgan") == 1);
  CHECK(contains(thrown_by([] { expand_points({"@tables"}, "plan"); }).message,
                 "did you mean '@table-1'?"));
}

TEST_CASE("a plan that cannot be meant is refused with its place", "[fast][plan]") {
  CHECK(contains(refusal(R"({"name": "x", "pionts": ["dcgan"]})"),
                 "got 'pionts'; did you mean 'points'?"));
  CHECK(contains(refusal(R"({"name": "x", "points": ["dcgan"], "train": {"stepz": 1}})"),
                 "did you mean 'steps'?"));
  CHECK(contains(
      refusal(
          R"({"name": "x", "points": ["dcgan"], "arms": [{"name": "a", "points": [], "train": {"lr": 1}}]})"),
      "key 'arms'"));
  CHECK(contains(refusal(R"({"name": "x", "points": ["dcgan"], "seeds": [1, 1]})"),
                 "each seed once"));
  CHECK(contains(refusal(R"({"name": "x", "points": []})"), "at least one point"));
  CHECK(contains(refusal(R"({"points": ["dcgan"]})"), "a key 'name'"));
  for (const char* name : {"../../evil", "/tmp/x", ".hidden", "a/b"}) {
    INFO(name);
    CHECK(contains(refusal(std::string(R"({"points": ["dcgan"], "name": ")") + name + "\"}"),
                   "a name of letters, digits"));
  }
  CHECK(contains(refusal(R"({"name": "x", "points": ["dcgan"], "train": {"seed": 1}})"),
                 "'seed' outside of 'train'"));
  CHECK(contains(refusal(R"({"name": "x", "points": ["dcgan/wasserstein"]})"), "[p"));
}

TEST_CASE("every shipped plan can be read and has trials", "[fast][plan]") {
  std::size_t plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(share_dir()) /
                                                               "harness" / "plans")) {
    INFO(entry.path());
    const Plan plan = load_plan(entry.path().stem().string());
    CHECK(plan.name == entry.path().stem().string());
    CHECK_FALSE(plan.title.empty());
    CHECK(plan_trials(plan).size() >= 6);
    for (const auto& trial : plan_trials(plan)) CHECK_NOTHROW(resolve_candidate(trial));
    ++plans;
  }
  CHECK(plans >= 4);
  CHECK(contains(thrown_by([] { load_plan("smokey"); }).message,
                 "conditional, control-cpu, inpainting-cpu, modes-cpu, pacgan-ring, paper, "
                 "paper-cpu, paper-resnet, precision, precision-cpu, "
                 "questions, questions-cpu, ring, scarce, scarce-cpu, sensitivity, smoke"));
}

TEST_CASE("a folder named like a shipped plan does not hide the plan", "[fast][plan]") {
  const test::TempDir dir;
  const auto here = std::filesystem::current_path();
  std::filesystem::create_directory(dir / "smoke");
  std::filesystem::current_path(dir.path());
  const auto plan = thrown_by([] { CHECK(load_plan("smoke").name == "smoke"); });
  std::filesystem::current_path(here);
  CHECK(plan.message.empty());
}

TEST_CASE("a way of measuring that is off leaves trials their names", "[fast][plan]") {
  // As published: the digest of the settings before there was a classifier to be trained.
  Dataset data{.name = "ring", .split = "train", .shape = SampleShape::point()};
  data.samples = torch::zeros({8, 2});
  const Evaluator evaluator(data, nullptr, {}, torch::kCPU);
  CHECK_FALSE(evaluator.trial_settings().at("evaluation").contains("classifier"));
  EvaluationPlan on;
  on.classifier = true;
  const Evaluator slow(data, nullptr, on, torch::kCPU);
  CHECK(slow.trial_settings().at("evaluation").at("classifier") == true);
}

TEST_CASE("a trial's name changes with every setting and with how it is measured", "[fast][plan]") {
  TrainSettings settings;
  const std::string base = trial_id(settings, Json::object());
  TrainSettings other = settings;
  other.curve_interval += 1;
  CHECK(trial_id(other, Json::object()) != base);
  EvaluationPlan evaluation;
  const Json one = {{"evaluation", settings_to_json(evaluation)}};
  evaluation.num_samples = 7;
  CHECK(trial_id(settings, one) !=
        trial_id(settings, {{"evaluation", settings_to_json(evaluation)}}));
  settings.point = "dcgan/hinge/gradient-penalty";
  CHECK(trial_id(settings, Json::object()).find('/') == std::string::npos);
}
