// Which trials answer where the question says how many images, what size or how much training.
#include <catch2/catch_test_macros.hpp>

#include "selection/advice/advice.h"
#include "selection/advice/short_text.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using test::FakeTrial;
using test::healthy_measures;

struct Made {
  std::string candidate;
  std::uint64_t seed = 0;
  std::int64_t images = 50000, steps = 800, size = 32;
  double diversity = 0.5, seconds = 80.0;
  bool checkpoints = false;
  double early_diversity = 0.5;  // at the checkpoint of a quarter of the updates
};

Record made_record(const Made& made) {
  FakeTrial trial;
  trial.candidate = made.candidate;
  trial.seed = made.seed;
  trial.steps = made.steps;
  trial.measures = healthy_measures(0.5, made.diversity);
  trial.measures["train_seconds"] = made.seconds;
  if (made.checkpoints) {
    Json measures = Json::object();
    for (const auto& [name, value] : healthy_measures(0.5, made.early_diversity)) {
      const auto* spec = find_metric_spec(name);
      if (spec->group == MetricGroup::kSample) measures[name] = *value;
    }
    trial.checkpoints = Json::array({{{"step", made.steps / 4},
                                      {"seconds", made.seconds / 4},
                                      {"full", true},
                                      {"measures", measures},
                                      {"protocol", Json::object()},
                                      {"reason", Json::object()}}});
  }
  Json json = test::fake_record(trial);
  json["trial_id"] = json["trial_id"].get<std::string>() + "-" + std::to_string(made.images) + "-" +
                     std::to_string(made.steps) + "-" + std::to_string(made.size);
  json["dataset"]["count"] = made.images;
  json["dataset"]["shape"] = {3, made.size, made.size};
  json["dataset"]["modes"] = 10;
  return parse_record(json, "made");
}

AdviceInput question(const std::string& query) {
  AdviceInput input;
  input.query = query;
  input.ranking.draws = 200;
  return input;
}

std::string first_of(const std::vector<Record>& records, const std::string& query) {
  return advise(records, question(query)).ranking.ranked.at(0).evidence->name;
}

// Three candidates on all images; two of them on few, where the order is another.
std::vector<Record> many_and_few() {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    const double off = 0.004 * static_cast<double>(seed);
    records.push_back(made_record({.candidate = "dcgan", .seed = seed, .diversity = 0.8 + off}));
    records.push_back(made_record({.candidate = "sngan", .seed = seed, .diversity = 0.5 + off}));
    records.push_back(made_record({.candidate = "wgan", .seed = seed, .diversity = 0.3 + off}));
    records.push_back(
        made_record({.candidate = "dcgan", .seed = seed, .images = 500, .diversity = 0.2 + off}));
    records.push_back(
        made_record({.candidate = "sngan", .seed = seed, .images = 500, .diversity = 0.4 + off}));
  }
  return records;
}

TEST_CASE("The number of training images chooses the trials", "[fast][evidence]") {
  const auto records = many_and_few();
  CHECK(first_of(records, "diverse") == "dcgan");
  CHECK(first_of(records, "diverse, only 400 training images") == "sngan");
  CHECK(not_measured(advise(records, question("diverse, only 400 training images"))).empty());
  // The nearest, and it is said.
  const auto few = advise(records, question("diverse, 80 images"));
  CHECK(few.ranking.ranked[0].evidence->name == "sngan");
  CHECK(not_measured(few) == std::vector<std::string>{"80 training images (nearest: 500)"});
  CHECK(advice_to_screen(few, {}).starts_with(
      "Not measured here: 80 training images (nearest: 500).\n"));
  CHECK(first_of(records, "diverse, 60,000 images") == "dcgan");
}

TEST_CASE("A single candidate compares with nothing, however well it fits", "[fast][evidence]") {
  auto records = many_and_few();
  std::erase_if(records, [](const Record& record) {
    return record.dataset.count == 500 && record.candidate.name == "sngan";
  });
  const auto advice = advise(records, question("diverse, only 400 training images"));
  CHECK(advice.ranking.ranked[0].evidence->name == "dcgan");
  CHECK(not_measured(advice) == std::vector<std::string>{"400 training images (nearest: 50000)"});
}

TEST_CASE("The size of images chooses, and where none is of it the nearest answers",
          "[fast][evidence]") {
  auto records = many_and_few();
  const auto other = advise(records, question("diverse, 64x64"));
  REQUIRE_FALSE(other.ranking.ranked.empty());
  CHECK(not_measured(other) == std::vector<std::string>{"64 x 64 pixels (nearest: 32 x 32)"});
  for (const auto& [name, diversity] : {std::pair("lsgan", 0.6), std::pair("wgan", 0.7)})
    records.push_back(made_record({.candidate = name, .size = 64, .diversity = diversity}));
  // Records of two sizes differ in their data.
  for (auto& record : records) {
    if (record.dataset.shape.back() == 64) record.dataset.digest = std::string(64, 'e');
  }
  const auto fitting = advise(records, question("diverse, 64x64"));
  CHECK(fitting.ranking.ranked.at(0).evidence->name == "wgan");
  CHECK(not_measured(fitting).empty());
}

// Long trials with a checkpoint after 400 of 1,600 updates, where the order is another; short ones
// of more candidates.
std::vector<Record> long_and_short() {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    const double off = 0.004 * static_cast<double>(seed);
    for (const char* name : {"dcgan", "sngan", "wgan"})
      records.push_back(made_record(
          {.candidate = name, .seed = seed, .steps = 100, .diversity = 0.3 + off, .seconds = 10}));
    records.push_back(made_record({.candidate = "dcgan",
                                   .seed = seed,
                                   .steps = 1600,
                                   .diversity = 0.8 + off,
                                   .seconds = 160,
                                   .checkpoints = true,
                                   .early_diversity = 0.2 + off}));
    records.push_back(made_record({.candidate = "sngan",
                                   .seed = seed,
                                   .steps = 1600,
                                   .diversity = 0.6 + off,
                                   .seconds = 640,
                                   .checkpoints = true,
                                   .early_diversity = 0.5 + off}));
  }
  return records;
}

TEST_CASE("A number of updates is answered from the checkpoint at it", "[fast][evidence]") {
  const auto records = long_and_short();
  const auto at_end = advise(records, question("diverse in 1,600 updates"));
  CHECK(at_end.ranking.ranked.at(0).evidence->name == "dcgan");
  const auto advice = advise(records, question("diverse in 500 updates"));
  CHECK(advice.ranking.ranked.at(0).evidence->name == "sngan");
  REQUIRE(advice.evidence.budget);
  CHECK(advice.evidence.budget->steps ==
        std::map<std::string, std::int64_t>{{"dcgan", 400}, {"sngan", 400}});
  CHECK(advice.evidence.description.ends_with(", at its checkpoint of 400 updates"));
  CHECK(advice_to_screen(advice, {}).find("checkpoint of 400") != std::string::npos);
  const Json json = advice_to_json(advice);
  CHECK(json["evidence"]["budget"]["checkpoints"]["dcgan"] == 400);
  CHECK(json["ranking"][0]["measures"]["train_seconds"]["mean"] == 160.0);
  CHECK(json["no_evidence_of"].empty());
  // Fewer than anything was measured at: the nearest, and it is said.
  const auto early = advise(records, question("diverse in 20 updates"));
  CHECK(not_measured(early) == std::vector<std::string>{"20 updates (nearest: 100)"});
  const auto late = advise(records, question("diverse in 10,000 updates"));
  CHECK(late.ranking.ranked.at(0).evidence->name == "dcgan");
  CHECK(not_measured(late) == std::vector<std::string>{"10000 updates (nearest: 1600)"});
}

TEST_CASE("A time is answered from each candidate's last checkpoint within it",
          "[fast][evidence]") {
  auto records = long_and_short();
  std::erase_if(records, [](const Record& record) { return record.budget.steps == 100; });
  // dcgan ends after 160 s; sngan's checkpoint is at 160 s, its end at 640 s.
  const auto advice = advise(records, question("diverse in 200 seconds"));
  REQUIRE(advice.evidence.budget);
  CHECK(advice.evidence.budget->steps ==
        std::map<std::string, std::int64_t>{{"dcgan", 1600}, {"sngan", 400}});
  CHECK(advice.evidence.description.ends_with(
      ", each at its last checkpoint within 3 min 20 s (400 to 1600 updates)"));
  // Within 50 s only dcgan was measured.
  const auto short_time = advise(records, question("diverse in 50 seconds"));
  REQUIRE(short_time.ranking.ranked.size() == 1);
  REQUIRE(short_time.ranking.excluded.size() == 1);
  CHECK(short_time.ranking.excluded[0].reason ==
        "first measured after 400 updates, which take 2 min 40 s");
  const auto long_time = advise(records, question("diverse in 2 days"));
  CHECK(not_measured(long_time).at(0).starts_with("48 h"));
}

TEST_CASE("Times on another device are said to be that", "[fast][evidence]") {
  const auto records = many_and_few();
  const auto advice = advise(records, question("diverse, 10 minutes on a GPU"));
  CHECK(not_measured(advice).at(0) == "times on a GPU (nearest: on a CPU)");
  CHECK(not_measured(advise(records, question("diverse, 2 minutes on a CPU"))).empty());
}

TEST_CASE("What a candidate costs alone stands in for the times of its trials",
          "[fast][evidence]") {
  const auto records = long_and_short();
  CandidateEvidence candidate{.name = "dcgan"};
  for (const auto& record : records) {
    if (record.candidate.name == "dcgan" && record.budget.steps == 1600)
      candidate.trials.push_back({.record = &record});
  }
  REQUIRE(candidate.trials.size() == 2);
  CHECK(mean_train_seconds(candidate) == 160.0);
  candidate.alone = AloneSpeed{.updates_per_second = 4.0, .batch = 64};
  CHECK(mean_train_seconds(candidate) == 160.0);
  candidate.counts_alone = true;
  CHECK(mean_train_seconds(candidate) == 400.0);
  // The checkpoint after 400 updates takes 100 s at that speed, 40 s in the trials.
  Evidence evidence{.candidates = {candidate}};
  cut_to_budget({.seconds = 99.0}, evidence);
  CHECK(evidence.budget->steps.empty());
  cut_to_budget({.seconds = 100.0}, evidence);
  CHECK(evidence.budget->steps == std::map<std::string, std::int64_t>{{"dcgan", 400}});
}

}  // namespace
}  // namespace ganselect
