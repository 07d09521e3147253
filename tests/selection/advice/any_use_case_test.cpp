// What must hold of every answer, whatever is asked: two hundred use cases drawn from one seed.
#include <catch2/catch_test_macros.hpp>
#include <numeric>
#include <random>
#include <set>

#include "selection/advice/short_text.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using test::FakeTrial;
using test::healthy_measures;

constexpr int kUseCases = 200;
constexpr std::uint64_t kSeeds = 3;

Record measured(FakeTrial trial, const std::string& candidate, std::uint64_t seed,
                std::map<std::string, std::optional<double>> measures) {
  trial.candidate = candidate;
  trial.seed = seed;
  // The rest of what criteria are made of.
  measures.emplace("memorization", 0.01 + 0.1 * measures.at("recall").value_or(0.0));
  measures.emplace("fid_gap", 0.5);
  measures.emplace("kid_mean", 0.1);
  measures.emplace("label_accuracy", 0.6);
  measures.emplace("worst_class_coverage", 0.3);
  measures.emplace("fid_unseen", 40.0);
  measures.emplace("coverage_unseen", 0.2);
  trial.measures = std::move(measures);
  return test::make_record(trial);
}

// Networks that work, of unlike strengths and prices.
std::vector<Record> working(std::mt19937_64& random) {
  std::vector<Record> records;
  std::uniform_real_distribution<double> level(0.25, 0.75), price(0.2, 20.0);
  for (const char* name : {"dcgan", "lsgan", "wgan-gp", "sngan", "rsgan", "geometric-gan"}) {
    const double q = level(random), d = level(random), speed = price(random);
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const double off = 0.02 * std::uniform_real_distribution<double>(-1.0, 1.0)(random);
      auto measures = healthy_measures(q + off, d - off);
      measures["updates_per_second"] = speed;
      measures["train_seconds"] = 200.0 / speed;
      records.push_back(measured({}, name, seed, measures));
    }
  }
  return records;
}

const std::set<std::string> kBroken = {"fcgan", "conv-gan", "wgan", "fgan-kl",
                                       "loss-sensitive-gan"};

// Networks that do not: cheap, and best by any single measure that their samples do not spoil.
std::vector<Record> broken() {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto cheap = healthy_measures(0.9, 0.9);
    cheap["updates_per_second"] = 1000.0;
    cheap["train_seconds"] = 0.2;
    cheap["peak_memory_bytes"] = 1e6;
    auto collapsed = cheap, noise = cheap, one_mode = cheap;
    collapsed["collapsed"] = 1.0;
    noise["fid"] = 80.0;
    one_mode["modes"] = 1.0;
    records.push_back(measured({.status = "collapsed", .status_step = 100}, "fcgan", seed, cheap));
    records.push_back(
        measured({.status = seed == 0 ? "finished" : "diverged"}, "conv-gan", seed, cheap));
    records.push_back(measured({}, "wgan", seed, noise));
    records.push_back(measured({}, "fgan-kl", seed, one_mode));
    records.push_back(measured({}, "loss-sensitive-gan", seed, collapsed));
  }
  return records;
}

// The trainings of dcgan and of lsgan once more, under other names.
std::vector<Record> copies_of(const std::vector<Record>& records) {
  std::vector<Record> copies;
  for (const auto& record : records) {
    const bool named = record.candidate.name == "dcgan";
    if (!named && record.candidate.name != "lsgan") continue;
    Json json = to_json(record);
    json["trial_id"] = "copy-" + record.trial_id;
    json["candidate"]["name"] = named ? "fgan-gan" : "dcgan/least-squares";
    if (named) json["candidate"]["same_training"] = "dcgan";
    json["settings"]["point"] = json["candidate"]["name"];
    copies.push_back(parse_record(json, "copy"));
  }
  return copies;
}

std::vector<Baseline> noise_of_fid_70(const Record& record) {
  Baseline noise;
  noise.kind = "noise";
  noise.dataset = record.dataset.name;
  noise.detector_digest = record.measures.protocol.at("detector_digest").get<std::string>();
  noise.n_fake = record.measures.protocol.at("n_fake").get<std::int64_t>();
  noise.measures.set("fid", 70.0);
  return {noise};
}

UseCase drawn_use_case(std::mt19937_64& random) {
  UseCase use_case;
  const auto chance = [&](double share) {
    return std::uniform_real_distribution<double>(0.0, 1.0)(random) < share;
  };
  while (use_case.weights.empty()) {
    for (const auto& criterion : criterion_names()) {
      if (chance(0.35))
        use_case.weights[criterion.name] = std::uniform_real_distribution<double>(0.05, 1)(random);
    }
  }
  normalize_weights(use_case, "drawn");
  const auto limit = [&](const char* key, const char* op, const Json& value) {
    if (chance(0.15)) use_case.constraints.push_back({key, op, value});
  };
  limit("train_seconds", "<=", 100.0);
  limit("fid", "<=", 45.0);
  limit("recall", ">=", 0.4);
  limit("modes", ">=", 9);
  limit("diverged_share", "<=", 0.5);
  limit("extensions", "==", false);
  limit("image_size", "==", chance(0.5) ? 32 : 64);
  limit("candidate", "not in", Json::array({"sngan"}));
  if (chance(0.3)) use_case.train_images = 400;
  if (chance(0.2)) use_case.updates = 300;
  if (chance(0.2)) use_case.device = chance(0.5) ? "gpu" : "cpu";
  return use_case;
}

Advice answer_to(const std::vector<Record>& records, const UseCase& use_case) {
  AdviceInput input;
  input.query = "drawn";
  input.use_case = use_case;
  input.ranking.draws = 100;
  input.baselines = noise_of_fid_70(records.front());
  return advise(records, input);
}

double sum_of(const Json& object) {
  double sum = 0.0;
  for (const auto& [name, value] : object.items()) sum += value.get<double>();
  return sum;
}

void check_fields(const Json& json) {
  for (const char* key :
       {"query",         "understood",   "understood_as", "unknown_words",  "suggestions",
        "questions",     "summary",      "how_sure",      "published_says", "no_evidence_of",
        "shortlist",     "ranking",      "excluded",      "not_measured",   "space",
        "sensitivity",   "published",    "closest_call",  "next",           "method",
        "common_spread", "weights_used", "evidence",      "warnings"}) {
    CAPTURE(key);
    CHECK(json.contains(key));
  }
  CHECK(std::abs(sum_of(json["understood"]["weights"]) - 1.0) < 1e-9);
  if (json["ranking"].empty()) return;
  CHECK(std::abs(sum_of(json["weights_used"]) - 1.0) < 1e-9);
  double best = 0.0;
  for (const auto& row : json["ranking"]) {
    REQUIRE(row["p_best"].is_number());
    best += row["p_best"].get<double>();
    for (const char* key : {"score", "confidence"}) {
      CHECK(row[key].get<double>() >= 0.0);
      CHECK(row[key].get<double>() <= 1.0 + 1e-12);
    }
  }
  CHECK(std::abs(best - 1.0) < 1e-9);
}

TEST_CASE("No use case is answered by what does not work, or by one training twice",
          "[fast][advice]") {
  std::mt19937_64 random(20260101);
  auto plain = working(random);
  const auto others = broken();
  plain.insert(plain.end(), others.begin(), others.end());
  auto copied = plain;
  const auto copies = copies_of(plain);
  REQUIRE(copies.size() == 2 * kSeeds);
  copied.insert(copied.end(), copies.begin(), copies.end());
  std::size_t answered = 0;
  for (int i = 0; i < kUseCases; ++i) {
    const auto use_case = drawn_use_case(random);
    CAPTURE(i, describe_use_case(use_case));
    const auto advice = answer_to(copied, use_case);
    const Json json = advice_to_json(advice);
    check_fields(json);
    std::set<std::string> ranked;
    for (const auto& row : json["ranking"]) ranked.insert(row["candidate"].get<std::string>());
    for (const auto& name : kBroken) CHECK_FALSE(ranked.contains(name));
    CHECK_FALSE(ranked.contains("fgan-gan"));
    CHECK_FALSE(ranked.contains("dcgan/least-squares"));
    for (const auto& name : json["shortlist"]) CHECK(ranked.contains(name.get<std::string>()));
    if (!ranked.empty()) ++answered;
    // The copies change no chance of being best.
    const auto without = answer_to(plain, use_case);
    REQUIRE(without.ranking.ranked.size() == advice.ranking.ranked.size());
    for (std::size_t k = 0; k < without.ranking.ranked.size(); ++k) {
      CHECK(without.ranking.ranked[k].evidence->name == advice.ranking.ranked[k].evidence->name);
      CHECK(without.ranking.ranked[k].p_best == advice.ranking.ranked[k].p_best);
    }
  }
  CHECK(answered > kUseCases / 2);
}

}  // namespace
}  // namespace ganselect
