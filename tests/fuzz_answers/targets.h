// Readers of text under attack: a record, a use case, a query. Any bytes are either refused by an
// Error or read into something whose promises hold; anything else ends the program.
#pragma once

#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "selection/criteria/criteria.h"
#include "selection/evidence/evidence.h"
#include "selection/query/query.h"
#include "tests/support/fake_records.h"

namespace ganselect::fuzz {

inline void require(bool promise) {
  if (!promise) std::abort();
}

/// A target's start: whole, valid texts to be damaged.
using Seeds = std::vector<std::string>;

inline Seeds record_seeds() {
  test::FakeTrial whole;
  whole.measures = {{"fid", 12.5}, {"coverage", 0.5}, {"modes", 9.0}, {"mode_kl", std::nullopt}};
  whole.checkpoints = {{{"step", 10},
                        {"seconds", 1.5},
                        {"measures", {{"fid", 20.0}}},
                        {"protocol", {{"detector", "judge-cifar10"}}}}};
  whole.files = {{"curve", "curve.csv"}};
  test::FakeTrial lost;
  lost.candidate = "wgan-gp";
  lost.status = "diverged";
  lost.status_step = 10;
  lost.dataset = "ring";
  return {test::fake_record(whole).dump(), test::fake_record(lost).dump(2)};
}

/// A record that is read has finite measures, scores from 0 to 1, and reads the same after writing.
inline void read_record_text(std::string_view bytes) {
  try {
    const Record record = parse_record(parse_json(std::string(bytes), "fuzz"), "fuzz");
    for (const auto& [name, value] : record.measures.values)
      require(!value || std::isfinite(*value));
    for (const auto& criterion : criteria()) {
      const auto value = score_trial(criterion, record, TrialContext{});
      require(!value.score || (*value.score >= 0.0 && *value.score <= 1.0));
      require(value.available >= 0.0 && value.available <= 1.0 + 1e-9);
    }
    const Json written = to_json(record);
    require(to_json(parse_record(written, "again")) == written);
  } catch (const Error&) {
  }
}

inline Seeds use_case_seeds() {
  Seeds seeds;
  for (const auto& preset : presets()) seeds.push_back(to_json(preset.use_case).dump());
  seeds.push_back(
      R"({"weights": {"quality": 1}, "constraints": [{"key": "candidate", "op": "in", "value": ["dcgan"]}]})");
  return seeds;
}

inline void read_use_case_text(std::string_view bytes) {
  try {
    const UseCase use_case = use_case_from_json(parse_json(std::string(bytes), "fuzz"), "fuzz");
    double sum = 0.0;
    for (const auto& [name, weight] : use_case.weights) sum += weight;
    require(std::abs(sum - 1.0) < 1e-5);
    require(use_case_from_json(to_json(use_case), "again").constraints == use_case.constraints);
  } catch (const Error&) {
  }
}

inline const std::vector<std::string>& fuzz_candidates() {
  static const std::vector<std::string> names = {"dcgan",   "lsgan", "wgan",
                                                 "wgan-gp", "sngan", "fgan-kl"};
  return names;
}

inline Seeds query_seeds() {
  return {"which GAN for high diversity?",
          "cheap and stable, at least 9 modes, in under 10 minutes, at most 2 GB, without labels",
          "70% quality, 30% diversity, except wgan-gp and lsgan; 64x64; at most 10% diverged",
          "more diversity than quality, but cost does not matter; not unstable",
          "only dcgan \xc3\xa9"};
}

/// A query that is read gives a valid use case, whose JSON form is valid too.
inline void read_query_text(std::string_view bytes) {
  try {
    const auto reading = read_query(std::string(bytes), fuzz_candidates());
    validate(reading.use_case, "fuzz");
    require(!reading.understood_as().empty());
    use_case_from_json(to_json(reading.use_case), "again");
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kUsage);
  }
}

}  // namespace ganselect::fuzz
