#include "metrics/intervals.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::gaussian;
using test::thrown_by;

EvaluationSettings interval_settings(std::vector<std::string> metrics, int64_t draws = 40) {
  EvaluationSettings settings;
  settings.metrics = std::move(metrics);
  settings.interval_draws = draws;
  settings.options["ndb.bins"] = 5;
  return settings;
}

EvaluationInput scored_input(std::uint64_t seed, int64_t n = 240) {
  auto input = test::feature_input(gaussian(n, 4, seed), gaussian(n - 20, 4, seed + 1000, 0.3));
  input.real.logits = gaussian(n, 5, seed + 2000);
  input.fake.logits = gaussian(n - 20, 5, seed + 3000, 0, 2);
  input.heldout.features = gaussian(n, 4, seed + 4000);
  return input;
}

}  // namespace

TEST_CASE("every measure that halves give has an interval about its value", "[fast]") {
  const auto measured = measure_samples(scored_input(1), interval_settings({}));
  for (const auto& [name, value] : measured.values) {
    INFO(name);
    if (!value) {
      CHECK_FALSE(measured.intervals.contains(name));
      continue;
    }
    REQUIRE(measured.intervals.contains(name));
    const auto& interval = measured.intervals.at(name);
    CHECK(interval.low <= *value);
    CHECK(interval.high >= *value);
  }
  CHECK(measured.intervals.at("fid").high - measured.intervals.at("fid").low > 1e-3);
  CHECK(measured.protocol["intervals"]["draws"] == 40);
  CHECK(measured.protocol["intervals"]["level"] == 0.95);
  const auto back = measures_from_json(to_json(measured), "test");
  CHECK(back.intervals.at("kid_exact").low == measured.intervals.at("kid_exact").low);
}

TEST_CASE("intervals repeat with their seed and leave the values alone", "[fast]") {
  const auto input = scored_input(2);
  auto settings = interval_settings({"fid", "prdc"});
  const auto once = measure_samples(input, settings);
  CHECK(to_json(once) == to_json(measure_samples(input, settings)));
  settings.seed = 7;
  CHECK(measure_samples(input, settings).intervals.at("fid").low != once.intervals.at("fid").low);
  settings.interval_draws = 0;
  const auto without = measure_samples(input, settings);
  CHECK(without.intervals.empty());
  CHECK_FALSE(to_json(without).contains("intervals"));
  CHECK(without.value("fid") == once.value("fid"));
}

TEST_CASE("the interval of a mean has the width that theory gives it", "[fast]") {
  // precision with every real sample at one place: the share of generated samples inside its ball,
  // so a mean of zeros and ones.
  EvaluationInput input;
  const int64_t n = 400;
  const double share = 0.3;
  input.fake_points = torch::zeros({n, 2}, torch::kFloat32);
  input.fake_points.slice(0, static_cast<int64_t>(share * n)).fill_(9.0F);
  input.fake.features = input.fake_points;
  input.mode_centres = torch::zeros({1, 2});
  input.mode_sd = 1;
  const auto measured = measure_samples(input, interval_settings({"modes"}, 400));
  CHECK(std::abs(*measured.value("high_quality_share") - share) < 1e-12);
  const auto& interval = measured.intervals.at("high_quality_share");
  const double expected = 2 * 1.96 * std::sqrt(share * (1 - share) / n);
  // 400 draws tell a 95% range to about a tenth.
  CHECK(std::abs(interval.high - interval.low - expected) < 0.2 * expected);
}

TEST_CASE("95% intervals hold the value expected at that number of samples most of the time",
          "[slow]") {
  const std::vector<std::string> names = {
      "fid", "kid_exact", "precision", "recall", "density", "coverage", "inception_score_1split"};
  constexpr int kSets = 60;
  auto settings = interval_settings({"fid", "kid", "prdc", "inception_score"}, 60);
  settings.kid_subsets = 1;
  std::vector<Measures> sets;
  for (int s = 0; s < kSets; ++s) sets.push_back(measure_samples(scored_input(100 + s), settings));
  for (const auto& name : names) {
    double mean = 0;
    for (const auto& one : sets) mean += *one.value(name) / kSets;
    int held = 0;
    for (const auto& one : sets) {
      const auto& interval = one.intervals.at(name);
      held += interval.low <= mean && mean <= interval.high;
    }
    INFO(name << ": " << held << " of " << kSets);
    // 57 are expected; 49 would be less than 1 in 1,000 for a true 95%.
    CHECK(held >= 49);
  }
}

TEST_CASE("an interval ends where the measure does", "[fast]") {
  // All samples are inside some ball, or none is, so that halves scatter about an end of [0, 1].
  const auto same = gaussian(60, 2, 5);
  const auto near =
      measure_samples(test::feature_input(same, same + 1e-3), interval_settings({"prdc"}));
  const auto far =
      measure_samples(test::feature_input(same, same + 3.0), interval_settings({"prdc"}));
  for (const auto* measured : {&near, &far}) {
    for (const char* name : {"precision", "recall", "coverage", "density"}) {
      INFO(name);
      CHECK(measured->intervals.at(name).low >= 0);
      if (std::string(name) != "density") CHECK(measured->intervals.at(name).high <= 1);
    }
  }
  CHECK(far.intervals.at("coverage").high > 0);
}

TEST_CASE("too few draws are refused", "[fast]") {
  const auto thrown =
      thrown_by([] { measure_samples(scored_input(1), interval_settings({"fid"}, 5)); });
  CHECK(thrown.kind == ErrorKind::kUsage);
  CHECK(contains(thrown.message, "at least 20 draws, got 5"));
}

}  // namespace ganselect
