// What an answer states of its uncertainty, held against synthetic trials whose truth is known.
#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "selection/ranking/ranking.h"
#include "selection/survey/questions.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

// Measures by which quality is exactly q and diversity exactly d, so that the truth is their mean.
void set_exactly(Record& record, double q, double d) {
  record.measures.set("fid", 20.0 * (1.0 / q - 1.0));
  record.measures.set("inception_score_1split", std::pow(10.0, q));
  record.measures.set("coverage", d);
  record.measures.set("recall", d);
  record.measures.set("mode_kl", -std::log(d));
}

struct TrueCandidate {
  std::string name;
  std::size_t seeds = 0;
  double q = 0.5, d = 0.5;    // true means
  double sd = 0.03;           // over seeds, of both
  double correlation = 0.0;   // of the two, seed by seed
  double outliers = 0.0;      // share of seeds that vary five times as much
  bool lacks_recall = false;  // in every trial
  bool last_seed_unmeasured = false;

  double score() const { return 0.5 * q + 0.5 * d; }
};

const UseCase kBoth{{{"quality", 0.5}, {"diversity", 0.5}}, {}};

void add_true_trials(std::vector<Record>& records, const TrueCandidate& truth, DrawStream& stream) {
  Record record = test::healthy_record(truth.name, 0, 0.5, 0.5);
  if (truth.lacks_recall) record.measures.values.erase("recall");
  for (std::uint64_t seed = 0; seed < truth.seeds; ++seed) {
    record.seed = seed;
    record.trial_id = truth.name + "-s" + std::to_string(seed);
    const double sd = stream.uniform() < truth.outliers ? 5.0 * truth.sd : truth.sd;
    const double shared = stream.normal(), own = stream.normal();
    const double rho = truth.correlation;
    const double d = truth.d + sd * (rho * shared + std::sqrt(1.0 - rho * rho) * own);
    set_exactly(record, std::clamp(truth.q + sd * shared, 0.001, 0.999),
                std::clamp(d, 0.001, 0.999));
    if (truth.lacks_recall) record.measures.values.erase("recall");
    records.push_back(record);
  }
  if (!truth.last_seed_unmeasured) return;
  for (const char* name : {"coverage", "recall", "mode_kl"})
    records.back().measures.values.erase(name);
}

struct Coverage {
  double score = 0.0, rank = 0.0;  // shares of rounds in which the interval held the truth
};

// Any place is right among candidates of equal truth.
bool holds_rank(const Interval& interval, const TrueCandidate& one,
                const std::vector<TrueCandidate>& all) {
  const auto count = [&](auto&& keep) {
    return static_cast<double>(std::count_if(all.begin(), all.end(), keep));
  };
  const double best = 1 + count([&](const auto& o) { return o.score() > one.score() + 1e-9; });
  const double worst = count([&](const auto& o) { return o.score() > one.score() - 1e-9; });
  return interval.low <= worst && interval.high >= best;
}

std::map<std::string, Coverage> coverage_of(const std::vector<TrueCandidate>& truths,
                                            std::uint64_t seed) {
  constexpr int kRounds = 1000;
  DrawStream stream(seed);
  std::map<std::string, Coverage> coverage;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Record> records;
    for (const auto& truth : truths) add_true_trials(records, truth, stream);
    const auto evidence = gather_evidence(records, {});
    const auto ranking =
        rank_candidates(evidence, kBoth, {.draws = 800, .seed = static_cast<std::uint64_t>(round)});
    for (const auto& ranked : ranking.ranked) {
      const auto& truth = *std::find_if(truths.begin(), truths.end(), [&](const auto& t) {
        return t.name == ranked.evidence->name;
      });
      const auto& interval = *ranked.score_interval;
      auto& mine = coverage[truth.name];
      if (interval.low <= truth.score() && truth.score() <= interval.high)
        mine.score += 1.0 / kRounds;
      if (holds_rank(*ranked.rank_interval, truth, truths)) mine.rank += 1.0 / kRounds;
    }
  }
  return coverage;
}

TEST_CASE("Score intervals hold the truth in 93 to 97% of 1,000 draws", "[slow][truth]") {
  // Unequal numbers of seeds, correlated criteria, a measure that one candidate lacks altogether,
  // a seed of another without diversity; the middle two are alike in truth.
  const auto coverage = coverage_of(
      {{.name = "dcgan", .seeds = 2, .q = 0.5, .d = 0.5, .correlation = 0.7},
       {.name = "lsgan", .seeds = 3, .q = 0.45, .d = 0.4, .correlation = -0.7},
       {.name = "wgan", .seeds = 5, .q = 0.4, .d = 0.6, .sd = 0.05, .lacks_recall = true},
       {.name = "sngan", .seeds = 11, .q = 0.6, .d = 0.55, .last_seed_unmeasured = true}},
      101);
  REQUIRE(coverage.size() == 4);
  for (const auto& [name, held] : coverage) {
    CAPTURE(name, held.score, held.rank);
    CHECK(held.score >= 0.93);
    CHECK(held.score <= 0.97);
    // Places are whole numbers, so their intervals hold more than they promise.
    CHECK(held.rank >= 0.95);
  }
}

TEST_CASE("Outliers make score intervals wider, not wrong", "[slow][truth]") {
  std::vector<TrueCandidate> truths = {{.name = "dcgan", .seeds = 3, .d = 0.45},
                                       {.name = "lsgan", .seeds = 5, .d = 0.5},
                                       {.name = "wgan", .seeds = 10, .d = 0.55}};
  for (auto& truth : truths) truth.outliers = 0.1;
  for (const auto& [name, held] : coverage_of(truths, 102)) {
    CAPTURE(name, held.score);
    // Symmetric heavy tails: Student's t errs to the safe side.
    CHECK(held.score >= 0.93);
    CHECK(held.score <= 0.99);
  }
}

TEST_CASE("A stated chance of being best comes true as often", "[slow][truth]") {
  // The truths are drawn too, so that statements of every size occur: six times as wide as the
  // seeds' spread of a mean, and, where a flat prior begins to claim too much, twice as wide.
  const double width = GENERATE(0.06, 0.02);
  constexpr int kRounds = 1000;
  constexpr std::size_t kBins = 5;
  const std::vector<std::string> names = {"dcgan", "lsgan", "wgan", "sngan"};
  std::array<double, kBins> stated{}, happened{}, count{};
  DrawStream stream(103);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<TrueCandidate> truths;
    std::vector<Record> records;
    for (const auto& name : names) {
      const double mean = 0.5 + width * stream.normal();
      truths.push_back({.name = name, .seeds = 3 + truths.size(), .q = mean, .d = mean});
      add_true_trials(records, truths.back(), stream);
    }
    const auto best = std::max_element(truths.begin(), truths.end(),
                                       [](auto& a, auto& b) { return a.score() < b.score(); });
    const auto evidence = gather_evidence(records, {});
    const auto ranking = rank_candidates(evidence, kBoth, {.draws = 400});
    for (const auto& ranked : ranking.ranked) {
      const double p = *ranked.p_best;
      const auto bin = std::min(kBins - 1, static_cast<std::size_t>(p * kBins));
      stated[bin] += p;
      happened[bin] += ranked.evidence->name == best->name ? 1.0 : 0.0;
      count[bin] += 1.0;
    }
  }
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double said = stated[bin] / count[bin], was = happened[bin] / count[bin];
    CAPTURE(width, bin, count[bin], said, was);
    CHECK(count[bin] > 50);
    // Four standard errors of the share, and 0.03 for what the spread of the truths tells besides.
    CHECK_THAT(was - said, WithinAbs(0.0, 0.03 + 4.0 * std::sqrt(said * (1 - said) / count[bin])));
  }
}

TEST_CASE("Two copies of one configuration are tied in at least 95% of resamples",
          "[slow][truth]") {
  for (const std::size_t seeds : {2, 3, 5}) {
    constexpr int kRounds = 600;
    DrawStream stream(104 + seeds);
    int ties = 0;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<Record> records;
      add_true_trials(records, {.name = "dcgan", .seeds = seeds}, stream);
      add_true_trials(records, {.name = "lsgan", .seeds = seeds}, stream);
      const auto evidence = gather_evidence(records, {});
      const auto ranking = rank_candidates(evidence, kBoth, {.draws = 400});
      ties += ranking.ranked[0].tied_with.empty() ? 0 : 1;
    }
    CAPTURE(seeds, ties);
    CHECK(ties >= 0.95 * kRounds);
  }
}

TEST_CASE("Effects of a question hold the truth in 93 to 97% of 1,000 draws", "[slow][truth]") {
  constexpr int kRounds = 1000;
  constexpr double kTruth = 0.04;
  DrawStream stream(105);
  Record plain = test::record_of_point({.name = "plain"}, 0, test::healthy_measures(0.5, 0.5));
  Record hinge = test::record_of_point({.name = "hinge", .loss = "hinge"}, 0,
                                       test::healthy_measures(0.5, 0.5));
  int held = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Record> records;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const double shared = 0.05 * stream.normal();  // a lucky seed is lucky for both
      for (auto* record : {&plain, &hinge}) {
        const double mean = record == &hinge ? 0.4 + kTruth : 0.4;
        const double x = mean + shared + 0.02 * stream.normal();
        record->seed = seed;
        record->trial_id = record->candidate.name + std::to_string(seed);
        set_exactly(*record, x, x);
        records.push_back(*record);
      }
    }
    const auto evidence = gather_evidence(records, {});
    const auto ranking = rank_candidates(evidence, kBoth, {.draws = 2});
    for (const auto& answer : answer_questions(evidence, ranking)) {
      if (answer.name != "loss") continue;
      for (const auto& value : answer.values) {
        if (value.value != "hinge") continue;
        held += value.interval95->low <= kTruth && kTruth <= value.interval95->high ? 1 : 0;
      }
    }
  }
  CAPTURE(held);
  CHECK(held >= 930);
  CHECK(held <= 970);
}

TEST_CASE("Under the null every p-value is as frequent as it says", "[slow][truth]") {
  constexpr int kRounds = 3000;
  DrawStream stream(106);
  for (const std::size_t seeds : {6, 9, 15}) {
    std::vector<double> p_values;
    for (int round = 0; round < kRounds / (seeds == 15 ? 10 : 1); ++round) {
      std::vector<double> differences;
      for (std::size_t i = 0; i < seeds; ++i) {
        const double z = stream.normal();
        differences.push_back(z * z * z);  // symmetric and heavy-tailed
      }
      p_values.push_back(sign_flip_p_value(differences, 7));
    }
    std::sort(p_values.begin(), p_values.end());
    const auto n = static_cast<double>(p_values.size());
    // Exact tests take the values k 2 / 2^n, each P(p <= value) = value; Kolmogorov's distance
    // there at its 0.1% point.
    const double steps = seeds > 14 ? 200.0 : std::ldexp(1.0, static_cast<int>(seeds) - 1);
    double distance = 0.0;
    for (double k = 1; k <= steps; ++k) {
      const double level = k / steps;
      const auto below = std::upper_bound(p_values.begin(), p_values.end(), level + 1e-9);
      distance =
          std::max(distance, std::abs(static_cast<double>(below - p_values.begin()) / n - level));
    }
    CAPTURE(seeds, distance);
    CHECK(distance < 1.95 / std::sqrt(n) + 1.0 / 20000.0);
  }
}

}  // namespace
}  // namespace ganselect
