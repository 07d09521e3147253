#include "selection/evidence/viability.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "selection/ranking/ranking.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::healthy_measures;
using test::make_record;

Baseline noise_of(const Record& record, double fid) {
  Baseline baseline;
  baseline.kind = "noise";
  baseline.dataset = record.dataset.name;
  baseline.detector_digest = record.measures.protocol.value("detector_digest", std::string());
  baseline.n_fake = record.measures.protocol.value("n_fake", std::int64_t{0});
  baseline.measures.set("fid", fid);
  return baseline;
}

std::optional<std::string> verdict(const std::vector<Record>& records,
                                   const std::vector<Baseline>& baselines = {}) {
  const auto evidence = gather_evidence(records, {});
  REQUIRE(evidence.candidates.size() == 1);
  return does_not_work(evidence.candidates.front(), baselines);
}

std::vector<Record> trials_that_collapse(std::size_t collapsed, std::size_t all) {
  std::vector<Record> records;
  for (std::size_t seed = 0; seed < all; ++seed) {
    auto measures = healthy_measures(0.5, 0.5);
    measures["collapsed"] = seed < collapsed ? 1.0 : 0.0;
    records.push_back(make_record("dcgan", seed, measures));
  }
  return records;
}

TEST_CASE("What broke down in half of its trials does not work", "[fast][viability]") {
  CHECK_FALSE(verdict(trials_that_collapse(0, 3)));
  CHECK_FALSE(verdict(trials_that_collapse(1, 3)));
  const auto two = verdict(trials_that_collapse(2, 3));
  REQUIRE(two);
  CHECK(*two == "collapsed or diverged in 2 of 3 trials");
  CHECK(verdict(trials_that_collapse(1, 2)));
}

TEST_CASE("What is no better than noise by the same detector does not work", "[fast][viability]") {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 2; ++seed)
    records.push_back(make_record("dcgan", seed, healthy_measures(0.2, 0.5)));  // FID 50
  CHECK_FALSE(verdict(records));
  CHECK_FALSE(verdict(records, {noise_of(records[0], 50.5)}));
  const auto worse = verdict(records, {noise_of(records[0], 49.5)});
  REQUIRE(worse);
  CHECK_THAT(*worse, ContainsSubstring("no better than noise: fid 50, noise 49.5"));
  // Noise by another detector, of another number of samples or on other data says nothing of these.
  auto other = noise_of(records[0], 49.5);
  other.detector_digest = std::string(64, 'f');
  auto fewer = noise_of(records[0], 49.5);
  fewer.n_fake = 77;
  auto elsewhere = noise_of(records[0], 49.5);
  elsewhere.dataset = "mnist";
  CHECK_FALSE(verdict(records, {other, fewer, elsewhere}));
}

TEST_CASE("What shows a tenth of the modes does not work", "[fast][viability]") {
  auto measures = healthy_measures(0.5, 0.5);
  measures["modes"] = 2.0;
  CHECK_FALSE(verdict({make_record("dcgan", 0, measures)}));
  measures["modes"] = 1.0;
  CHECK(verdict({make_record("dcgan", 0, measures)}) == "shows 10% of the modes");
  // The mean of three tenths is rounded up.
  CHECK(verdict({make_record("dcgan", 0, measures), make_record("dcgan", 1, measures),
                 make_record("dcgan", 2, measures)}) == "shows 10% of the modes");
}

TEST_CASE("What does not work is listed with its reason and never ranked, however cheap",
          "[fast][viability]") {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    records.push_back(make_record("lsgan", seed, healthy_measures(0.5, 0.5)));
    auto measures = healthy_measures(0.4, 0.4);
    measures["collapsed"] = 1.0;
    measures["updates_per_second"] = 1000.0;
    measures["train_seconds"] = 0.1;
    records.push_back(make_record("fcgan", seed, measures));
  }
  const auto evidence = gather_evidence(records, {});
  UseCase wish;
  wish.weights = {{"cost", 1.0}};
  const auto ranking = rank_candidates(evidence, wish, {});
  REQUIRE(ranking.ranked.size() == 1);
  CHECK(ranking.ranked[0].evidence->name == "lsgan");
  REQUIRE(ranking.excluded.size() == 1);
  CHECK(ranking.excluded[0].candidate == "fcgan");
  CHECK(ranking.excluded[0].reason == "does not work here: collapsed or diverged in 3 of 3 trials");
  CHECK(ranking.excluded[0].trials.size() == 3);
}

}  // namespace
}  // namespace ganselect
