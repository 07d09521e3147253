#include "selection/advice/page_ranking.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "tests/selection/synthetic.h"
#include "tests/support/errors.h"

using namespace ganselect;
using test::contains;

namespace {

std::vector<Record> some_trials() {
  DrawStream stream(5);
  std::vector<Record> records;
  test::add_trials(records, "dcgan", 3, 0.7, 0.4, 0.02, stream);
  test::add_trials(records, "wgan", 2, 0.4, 0.6, 0.02, stream);
  return records;
}

const Json& preset_of(const Json& page, const std::string& name) {
  for (const auto& preset : page["presets"]) {
    if (preset["name"] == name) return preset;
  }
  FAIL("no preset " + name);
  return page;
}

}  // namespace

TEST_CASE("a page gets every trial's criteria to the last digit", "[fast][page]") {
  const auto records = some_trials();
  const Json page = page_ranking(records, {});
  const Evidence evidence = gather_evidence(records, {});
  REQUIRE(page["criteria"].size() == criterion_names().size());
  const Json& group = page["groups"][0];
  CHECK(group["same_machine"] == false);
  REQUIRE(group["candidates"].size() == evidence.candidates.size());
  for (std::size_t c = 0; c < evidence.candidates.size(); ++c) {
    const auto& candidate = evidence.candidates[c];
    CHECK(group["candidates"][c]["name"] == candidate.name);
    REQUIRE(group["candidates"][c]["trials"].size() == candidate.trials.size());
    for (std::size_t t = 0; t < candidate.trials.size(); ++t) {
      const Json trial = parse_json(group["candidates"][c]["trials"][t].dump(), "trial");
      CHECK(trial["seed"] == std::to_string(candidate.trials[t].record->seed));
      for (std::size_t i = 0; i < criterion_names().size(); ++i) {
        const auto& value = candidate.trials[t].criteria[i];
        CHECK(trial["scores"][i] == number_or_null(value.score));
        CHECK(trial["available"][i].get<double>() == value.available);
        CHECK(trial["missing"][i] == value.missing);
      }
    }
  }
}

TEST_CASE("a page gets the program's own answer for every preset", "[fast][page]") {
  const auto records = some_trials();
  const Json page = page_ranking(records, {});
  REQUIRE(page["presets"].size() == presets().size());
  for (const auto& preset : presets()) {
    CAPTURE(preset.name);
    AdviceInput input;
    input.use_case = preset.use_case;
    const Json answer = advice_to_json(advise(records, input));
    const Json& told = preset_of(page, preset.name);
    CHECK(told["same_machine"] == needs_one_machine(preset.use_case));
    REQUIRE(told["answer"]["ranking"].size() == answer["ranking"].size());
    for (std::size_t i = 0; i < answer["ranking"].size(); ++i) {
      for (const char* key : {"candidate", "rank", "score", "rank_interval", "p_best"})
        CHECK(told["answer"]["ranking"][i][key] == answer["ranking"][i][key]);
    }
  }
}

TEST_CASE("a page knows who fails a preset's constraint, and why", "[fast][page]") {
  const Json page = page_ranking(some_trials(), {});
  const Json& unmet = preset_of(page, "class-control")["unmet"][0];
  CHECK(unmet.size() == 2);
  CHECK(contains(unmet["dcgan"].get<std::string>(), "constraint labels == true"));
  CHECK(preset_of(page, "high-quality")["unmet"][0].empty());
}

TEST_CASE("evidence that cannot be formed has its reason, and the rest stays", "[fast][page]") {
  // Two machines with equally many trials: times may not be compared, everything else may.
  std::vector<Record> records;
  for (const std::string device : {"cpu", "cuda:0"}) {
    test::FakeTrial trial;
    trial.candidate = device == "cpu" ? "dcgan" : "wgan";
    trial.device = device;
    trial.measures = test::healthy_measures(0.5, 0.5);
    records.push_back(test::make_record(trial));
  }
  const Json page = page_ranking(records, {});
  CHECK(page["groups"][0]["error"].is_null());
  CHECK(page["groups"][0]["candidates"].size() == 2);
  CHECK(contains(page["groups"][1]["error"].get<std::string>(), "device"));
  CHECK(page["groups"][1]["candidates"].empty());
  CHECK(preset_of(page, "low-compute")["answer"].contains("error"));
  CHECK_FALSE(preset_of(page, "high-quality")["answer"].contains("error"));
}
