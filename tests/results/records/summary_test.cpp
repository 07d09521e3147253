#include "results/records/summary.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <random>
#include <vector>

#include "tests/support/errors.h"
#include "tests/support/fake_records.h"

using namespace ganselect;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::contains;
using test::thrown_by;

namespace {

constexpr double kRounding = 1e-12;  // a few roundings of float64
constexpr double kReference = 1e-8;  // the reference's own accuracy in the quantile

std::vector<const Record*> pointers(const std::vector<Record>& records) {
  std::vector<const Record*> all;
  for (const auto& record : records) all.push_back(&record);
  return all;
}

}  // namespace

TEST_CASE("Student's t quantiles agree with the tables", "[fast][summary]") {
  // 12.706 and 4.303 stand in every textbook; the others are from scipy 1.x, stats.t.ppf.
  CHECK_THAT(student_t_quantile(0.975, 1), WithinRel(12.706204736174694, kReference));
  CHECK_THAT(student_t_quantile(0.975, 2), WithinRel(4.302652729749462, kReference));
  CHECK_THAT(student_t_quantile(0.9, 7.5), WithinRel(1.4052118464159533, kReference));
  CHECK_THAT(student_t_quantile(0.975, 1.6842105263157894),
             WithinRel(5.1762316285465175, kReference));
  CHECK_THAT(student_t_quantile(0.025, 2), WithinRel(-4.302652729749462, kReference));
  CHECK(thrown_by([] { student_t_quantile(1.0, 3); }).kind == ErrorKind::kFailed);
  CHECK(thrown_by([] { student_t_quantile(0.5, 0); }).kind == ErrorKind::kFailed);
}

TEST_CASE("three values worked by hand", "[fast][summary]") {
  // Mean 2, sd 1, half width t(0.975, 2) / sqrt(3) = 4.302653 / 1.732051 = 2.484138.
  const auto summary = summarize(std::vector<double>{3.0, 1.0, 2.0});
  CHECK(summary.n == 3);
  CHECK_THAT(*summary.mean, WithinAbs(2.0, kRounding));
  CHECK_THAT(*summary.sd, WithinAbs(1.0, kRounding));
  CHECK_THAT(summary.interval95->low, WithinAbs(2.0 - 2.4841377, 1e-6));
  CHECK_THAT(summary.interval95->high, WithinAbs(2.0 + 2.4841377, 1e-6));
  CHECK(summary.note.empty());
}

TEST_CASE("a small spread about a large mean is not lost", "[fast][summary]") {
  const auto summary = summarize(std::vector<double>{1e9, 1e9 + 1, 1e9 + 2});
  CHECK_THAT(*summary.sd, WithinAbs(1.0, kRounding));
}

TEST_CASE("one seed has a mean and no interval, none has neither", "[fast][summary]") {
  const auto one = summarize(std::vector<double>{5.0});
  CHECK(one.mean == 5.0);
  CHECK_FALSE(one.sd.has_value());
  CHECK_FALSE(one.interval95.has_value());
  CHECK(one.note == "one seed: no interval");
  const auto none = summarize(std::vector<double>{});
  CHECK(none.n == 0);
  CHECK_FALSE(none.mean.has_value());
  CHECK(none.note == "not measured");
}

TEST_CASE("trials without a value are counted and named", "[fast][summary]") {
  test::FakeTrial diverged;
  diverged.seed = 2;
  diverged.status = "diverged";
  diverged.status_step = 120;
  const std::vector<Record> records = {test::make_record("dcgan", 0, {{"fid", 10.0}}),
                                       test::make_record("dcgan", 1, {{"fid", 14.0}}),
                                       test::make_record(diverged)};
  const auto summary = summarize(pointers(records), "fid");
  CHECK(summary.n == 2);
  CHECK(summary.trials == 3);
  CHECK(summary.mean == 12.0);
  CHECK(summary.note == "1 of 3 trials without a value: diverged at step 120");
}

TEST_CASE("values of two protocols are not averaged", "[fast][summary]") {
  test::FakeTrial trial;
  trial.measures = {{"fid", 10.0}};
  std::vector<Record> records = {test::make_record(trial)};
  trial.seed = 1;
  trial.n_fake = 5000;
  records.push_back(test::make_record(trial));
  const auto thrown = thrown_by([&] { summarize(pointers(records), "fid"); });
  CHECK(thrown.kind == ErrorKind::kProtocol);
  CHECK(contains(thrown.message, "protocol.n_fake '10000'"));
  CHECK(contains(thrown.message, "'5000'"));
  CHECK(thrown_by([&] {
          difference(pointers({records[0]}), pointers({records[1]}), "fid");
        }).kind == ErrorKind::kProtocol);
}

TEST_CASE("differences are paired where the seeds match", "[fast][summary]") {
  // Pairs by seed: 10 - 9, 12 - 14, 15 - 11; mean 1, scipy stats.ttest_rel's interval.
  const std::vector<SeedValue> first = {{0, 10}, {1, 12}, {2, 15}};
  const std::vector<SeedValue> second = {{2, 11}, {0, 9}, {1, 14}};
  const auto paired = difference(first, second);
  REQUIRE(paired.has_value());
  CHECK(paired->method == "paired by seed");
  CHECK(paired->pairs == 3);
  CHECK_THAT(paired->mean, WithinAbs(1.0, kRounding));
  CHECK_THAT(paired->interval95->low, WithinRel(-6.452413135250989, kReference));
  CHECK_THAT(paired->interval95->high, WithinRel(8.452413135250989, kReference));
}

TEST_CASE("a seed that is there twice makes no pairs, wherever it stands", "[fast][summary]") {
  const std::vector<SeedValue> once = {{0, 10}, {1, 12}, {2, 15}};
  for (const auto& twice : {std::vector<SeedValue>{{0, 9}, {0, 8}, {1, 14}, {2, 11}},
                            std::vector<SeedValue>{{0, 9}, {1, 14}, {2, 11}, {1, 13}},
                            std::vector<SeedValue>{{2, 11}, {1, 14}, {2, 10}, {0, 9}}}) {
    CHECK(difference(once, twice)->method == "Welch");
    CHECK(difference(twice, twice)->method == "Welch");
  }
}

TEST_CASE("other seeds are compared by Welch's interval", "[fast][summary]") {
  // {1, 2, 3} and {2, 4}: 16/9 / (1/18 + 1) = 1.684 degrees of freedom; scipy ttest_ind,
  // equal_var=False.
  const std::vector<SeedValue> first = {{0, 1}, {1, 2}, {2, 3}};
  const std::vector<SeedValue> second = {{0, 2}, {1, 4}};
  const auto welch = difference(first, second);
  REQUIRE(welch.has_value());
  CHECK(welch->method == "Welch");
  CHECK(welch->pairs == 0);
  CHECK_THAT(welch->mean, WithinAbs(-1.0, kRounding));
  CHECK_THAT(welch->interval95->low, WithinRel(-6.976997448258373, kReference));
  CHECK_THAT(welch->interval95->high, WithinRel(4.976997448258373, kReference));
}

TEST_CASE("a difference of single values has no interval", "[fast][summary]") {
  const auto single = difference(std::vector<SeedValue>{{0, 5}}, std::vector<SeedValue>{{0, 3}});
  REQUIRE(single.has_value());
  CHECK(single->mean == 2.0);
  CHECK_FALSE(single->interval95.has_value());
  CHECK(single->note == "one seed: no interval");
  const auto uneven =
      difference(std::vector<SeedValue>{{0, 5}}, std::vector<SeedValue>{{0, 3}, {1, 4}});
  CHECK_FALSE(uneven->interval95.has_value());
  CHECK_FALSE(difference(std::vector<SeedValue>{}, std::vector<SeedValue>{{0, 3}}).has_value());
}

TEST_CASE("equal values have an interval of no width", "[fast][summary]") {
  const auto summary = summarize(std::vector<double>{4.0, 4.0});
  CHECK(summary.interval95->low == 4.0);
  CHECK(summary.interval95->high == 4.0);
  const auto welch =
      difference(std::vector<SeedValue>{{0, 1}, {1, 1}}, std::vector<SeedValue>{{5, 3}, {6, 3}});
  CHECK(welch->interval95->low == -2.0);
  CHECK(welch->interval95->high == -2.0);
}

TEST_CASE("95% intervals hold the truth in 95% of draws", "[fast][summary]") {
  // 4,000 draws: the share's own standard error is 0.0034, so 0.935 to 0.965 is more than 4 of
  // them.
  std::mt19937_64 engine(20260102);
  std::normal_distribution<double> first_draw(3.0, 1.0);
  std::normal_distribution<double> second_draw(1.0, 2.5);
  int mean_held = 0;
  int welch_held = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<double> values;
    std::vector<SeedValue> first;
    std::vector<SeedValue> second;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      values.push_back(first_draw(engine));
      first.push_back({seed, values.back()});
      second.push_back({seed + 100, second_draw(engine)});
    }
    const auto mean = *summarize(values).interval95;
    mean_held += mean.low <= 3.0 && 3.0 <= mean.high ? 1 : 0;
    const auto welch = *difference(first, second)->interval95;
    welch_held += welch.low <= 2.0 && 2.0 <= welch.high ? 1 : 0;
  }
  CHECK_THAT(mean_held / static_cast<double>(kDraws), WithinAbs(0.95, 0.015));
  CHECK_THAT(welch_held / static_cast<double>(kDraws), WithinAbs(0.95, 0.015));
}
