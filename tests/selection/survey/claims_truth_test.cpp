// Claims and questions on synthetic worlds of three seeds whose truth is known: decided right as
// often as may be, decided wrong in no more than 5% of the worlds.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <map>

#include "selection/ranking/ranking.h"
#include "selection/survey/claims.h"
#include "selection/survey/questions.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

constexpr int kRounds = 200;
// A share of 0.05 of 200 worlds has a standard error of 0.015.
constexpr double kWrong = 0.05 + 2 * 0.015;

// A configuration, its true logarithm of FID and its deviation over seeds.
struct TrueTraining {
  test::FakePoint point;
  double log_fid = 0.0, sd = 0.06;
};

// What the claims name, at `better`, the rest at `worse`; deviations from a third to three times
// the common one, in turn, as in our records.
std::vector<TrueTraining> world_of(double gain) {
  std::vector<TrueTraining> world;
  const double base = std::log(50.0);
  const auto add = [&](test::FakePoint point, double log_fid) {
    const double unlike = static_cast<double>((world.size() * 7) % 11) / 5.0 - 1.0;
    world.push_back({std::move(point), log_fid, 0.06 * std::exp(0.6 * unlike)});
  };
  add({.name = "dcgan", .batch_norm_d = true}, base);
  add({.name = "fcgan", .architecture = "fc", .batch_norm_d = true}, base + gain);  // C9
  add({.name = "lsgan", .loss = "least-squares", .batch_norm_d = true}, base);      // C2
  add({.name = "rsgan", .loss = "relativistic"}, base);
  add({.name = "ralsgan", .loss = "relativistic-average-least-squares"}, base - gain);
  add({.name = "rlsgan", .loss = "relativistic-least-squares"}, base - gain);
  add({.name = "plain/hinge", .loss = "hinge"}, base);  // C4
  add({.name = "gp/hinge", .loss = "hinge", .regularization = {"gradient-penalty"}}, base - gain);
  add({.name = "n/gd", .architecture = "n", .loss = "n", .batch_norm_d = true}, base + gain);  // C7
  add({.name = "n/g", .architecture = "n", .loss = "n"}, base);
  add({.name = "n/d",
       .architecture = "n",
       .loss = "n",
       .batch_norm_g = false,
       .batch_norm_d = true},
      base + 2 * gain);
  add({.name = "n/none", .architecture = "n", .loss = "n", .batch_norm_g = false}, base + gain);
  for (const char* divergence : {"gan", "kl", "squared-hellinger"}) {  // C8
    add({.name = std::string("fgan-") + divergence,
         .loss = "f-divergence",
         .divergence = divergence,
         .batch_norm_d = true},
        base + (std::string(divergence) == "kl" ? std::abs(gain) : 0.0));
  }
  for (int i = 0; i < 9; ++i) {
    const auto name = "other" + std::to_string(i);
    add({.name = name, .architecture = name, .loss = name}, base + 0.05 * i);
  }
  return world;
}

std::vector<Record> base_records(const std::vector<TrueTraining>& world, std::size_t seeds) {
  std::vector<Record> records;
  for (const auto& training : world) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed)
      records.push_back(test::record_of_point(training.point, seed, {{"fid", 50.0}}));
  }
  return records;
}

// Shares of worlds by claim and verdict.
using Shares = std::map<std::string, std::map<std::string, double>>;

double share(const std::map<std::string, double>& of, const char* verdict) {
  const auto found = of.find(verdict);
  return found == of.end() ? 0.0 : found->second;
}

Shares verdicts_over(double gain, std::size_t seeds, std::uint64_t stream_seed) {
  const auto world = world_of(gain);
  auto records = base_records(world, seeds);
  DrawStream stream(stream_seed);
  Shares shares;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& training = world[i / seeds];
      records[i].measures.set("fid", std::exp(training.log_fid + training.sd * stream.normal()));
    }
    for (const auto& verdict : judge_claims(gather_evidence(records, {})))
      shares[verdict.name][verdict.verdict] += 1.0 / kRounds;
  }
  return shares;
}

TEST_CASE("True claims are supported and false ones contradicted from three seeds",
          "[slow][truth][claims]") {
  // A gain of 0.4 in the logarithm is a third of the FID: what sets our candidates apart.
  const auto of_true = verdicts_over(0.4, 3, 401);
  const auto of_false = verdicts_over(-0.4, 3, 402);
  for (const char* claim : {"C2", "C4", "C7", "C9"}) {
    const double right = share(of_true.at(claim), "supported");
    const double wrong = share(of_true.at(claim), "contradicted");
    const double refuted = share(of_false.at(claim), "contradicted");
    const double believed = share(of_false.at(claim), "supported");
    CAPTURE(claim, right, wrong, refuted, believed);
    CHECK(right >= 0.5);
    CHECK(wrong <= kWrong);
    CHECK(refuted >= 0.5);
    CHECK(believed <= kWrong);
  }
  // Of the three divergences one is apart in both.
  for (const auto* shares : {&of_true, &of_false}) {
    const double refuted = share(shares->at("C8"), "contradicted");
    const double believed = share(shares->at("C8"), "supported");
    CAPTURE(refuted, believed);
    CHECK(refuted >= 0.5);
    CHECK(believed <= kWrong);
  }
}

TEST_CASE("Where nothing differs no gain is claimed, and eight seeds show that nothing does",
          "[slow][truth][claims]") {
  const std::size_t seeds = GENERATE(3, 8);
  const auto equal = verdicts_over(0.0, seeds, 403 + seeds);
  double any_wrong = 0.0;
  for (const char* claim : {"C2", "C4", "C7", "C9"}) {
    const double wrong = share(equal.at(claim), "supported");
    const double alike = share(equal.at(claim), "contradicted");
    CAPTURE(seeds, claim, wrong, alike);
    CHECK(wrong <= kWrong);
    any_wrong += wrong;
  }
  const double apart = share(equal.at("C8"), "contradicted");
  const double alike = share(equal.at("C8"), "supported");
  CAPTURE(seeds, apart, alike, any_wrong);
  // Holm holds the chance of any wrong verdict, not of each.
  CHECK(any_wrong + apart <= kWrong);
  // A tenth of the FID is one to two deviations over seeds, so three of them seldom show it.
  if (seeds == 8) CHECK(share(equal.at("C9"), "contradicted") >= 0.3);
}

TEST_CASE("Questions are decided right from three seeds, and seldom wrong",
          "[slow][truth][questions]") {
  const double gain = GENERATE(0.4, 0.0, -0.4);
  const auto world = world_of(gain);
  auto records = base_records(world, 3);
  for (auto& record : records) {
    for (const auto& [name, value] : test::healthy_measures(0.5, 0.5))
      record.measures.set(name, *value);
  }
  DrawStream stream(404);
  const UseCase quality{{{"quality", 1.0}}, {}};
  std::map<std::string, double> regularization;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& training = world[i / 3];
      records[i].measures.set("fid", std::exp(training.log_fid + training.sd * stream.normal()));
    }
    const auto evidence = gather_evidence(records, {});
    const auto ranking = rank_candidates(evidence, quality, {.draws = 2});
    for (const auto& answer : answer_questions(evidence, ranking)) {
      if (answer.name == "regularization") regularization[answer.verdict] += 1.0 / kRounds;
    }
  }
  const double supports = share(regularization, "supports");
  const double contradicts = share(regularization, "contradicts");
  CAPTURE(gain, supports, contradicts);
  // The survey holds that a gradient penalty helps.
  if (gain > 0.0) {
    CHECK(supports >= 0.5);
    CHECK(contradicts <= kWrong);
  } else {
    CHECK(supports <= kWrong);
  }
  if (gain < 0.0) CHECK(contradicts >= 0.5);
}

}  // namespace
}  // namespace ganselect
