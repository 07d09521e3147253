#include "selection/advice/published.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "selection/advice/advice.h"
#include "selection/advice/short_text.h"
#include "tests/selection/made_up_studies.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using test::studies_of;

AdviceInput quality_wish(std::vector<Study> studies, const std::string& from = "both") {
  AdviceInput input;
  input.query = "best quality";
  input.ranking.draws = 300;
  input.studies = std::make_shared<const PublishedStudies>(std::move(studies));
  input.evidence_from = from;
  return input;
}

// Alike by own trials, lsgan a little ahead; dragan far behind.
std::vector<Record> alike() {
  const std::map<std::string, std::vector<double>> qualities = {{"lsgan", {0.48, 0.60, 0.54}},
                                                                {"dcgan", {0.44, 0.58, 0.51}},
                                                                {"rsgan", {0.43, 0.56, 0.51}},
                                                                {"dragan", {0.04, 0.06, 0.05}}};
  std::vector<Record> records;
  for (const auto& [name, by_seed] : qualities) {
    for (std::size_t seed = 0; seed < by_seed.size(); ++seed)
      records.push_back(test::healthy_record(name, seed, by_seed[seed], 0.5));
  }
  return records;
}

std::string first(const Advice& advice) { return advice.ranking.ranked.front().evidence->name; }

TEST_CASE("Published studies decide between what own trials cannot tell apart",
          "[fast][published]") {
  const auto records = alike();
  const auto studies =
      studies_of({{"dcgan", 1.0}, {"lsgan", 1.3}, {"rsgan", 0.5}, {"dragan", 0.2}});
  const auto own = advise(records, quality_wish(studies, "own"));
  REQUIRE_FALSE(own.published);
  REQUIRE(first(own) != "rsgan");
  const auto& tied = own.ranking.ranked.front().tied_with;
  REQUIRE(std::find(tied.begin(), tied.end(), "rsgan") != tied.end());

  const auto both = advise(records, quality_wish(studies));
  REQUIRE(both.published);
  CHECK(both.published->decided);
  CHECK(both.published->instead_of == first(own));
  CHECK(first(both) == "rsgan");
  // dragan is far behind in own trials: what others saw of it does not bring it back.
  CHECK(both.ranking.ranked.back().evidence->name == "dragan");
  const auto screen = advice_to_screen(both, {});
  CHECK_THAT(screen, ContainsSubstring("Take rsgan for samples that look real"));
  CHECK_THAT(screen, ContainsSubstring("published studies put it first"));
  const Json json = advice_to_json(both);
  CHECK(json["published"]["decided"] == true);
  CHECK(json["published"]["estimates"]["rsgan"]["sources"] == 5);
  CHECK(json["published"]["citations"].size() == 5);
  CHECK(json["ranking"][0]["candidate"] == "rsgan");
  CHECK_THAT(advice_to_text(both), ContainsSubstring("Nobody 2000"));
}

TEST_CASE("Where published studies see no difference own trials keep their order",
          "[fast][published]") {
  const auto records = alike();
  const auto studies = studies_of({{"dcgan", 1.0}, {"lsgan", 1.0}, {"rsgan", 1.0}});
  const auto own = advise(records, quality_wish(studies, "own"));
  const auto both = advise(records, quality_wish(studies));
  CHECK_FALSE(both.published->decided);
  CHECK(first(both) == first(own));
}

TEST_CASE("Their order alone can be asked for, and a wish that they do not speak of",
          "[fast][published]") {
  const auto records = alike();
  const auto studies =
      studies_of({{"dcgan", 1.0}, {"lsgan", 1.3}, {"rsgan", 0.5}, {"dragan", 0.2}});
  const auto published = advise(records, quality_wish(studies, "published"));
  CHECK(first(published) == "dragan");
  CHECK(published.ranking.ranked.back().evidence->name == "lsgan");

  auto cheap = quality_wish(studies);
  cheap.query = "cheap";
  const auto silent = advise(records, cheap);
  REQUIRE(silent.published);
  CHECK_FALSE(silent.published->estimate);
  CHECK_THAT(silent.published->reason, ContainsSubstring("nothing of what was asked"));

  auto wrong = quality_wish(studies, "others");
  CHECK_THROWS_AS(advise(records, wrong), Error);
}

TEST_CASE("One source alone decides nothing", "[fast][published]") {
  const auto records = alike();
  auto studies = studies_of({{"dcgan", 1.0}, {"lsgan", 1.3}});
  auto more = studies_of({{"dcgan", 1.0}, {"rsgan", 0.5}});
  studies.push_back(more.front());
  studies.back().id = "another";
  const auto both = advise(records, quality_wish(studies));
  REQUIRE(both.published->estimate);
  CHECK_FALSE((both.published->decided && first(both) == "rsgan"));
  CHECK_THAT(published_words(*both.published, both.ranking.ranked.front()),
             !ContainsSubstring("1 studies"));
}

TEST_CASE("How large published effects come out in own trials is measured where both are",
          "[fast][published]") {
  const std::map<std::string, double> ratios = {{"dcgan", 1.0}, {"lsgan", 1.3}, {"rsgan", 0.5},
                                                {"wgan", 2.0},  {"sngan", 0.7}, {"rasgan", 0.6}};
  std::vector<Record> records;
  for (const auto& [name, ratio] : ratios) {
    for (std::size_t seed = 0; seed < 2; ++seed) {
      records.push_back(test::healthy_record(name, seed, 0.5, 0.5));
      // Half of the published effect, and seeds that differ by a hundredth.
      records.back().measures.set("fid", 80.0 * std::sqrt(ratio) * (seed == 0 ? 0.995 : 1.005));
    }
  }
  const auto advice = advise(records, quality_wish(studies_of(ratios)));
  const auto scale = published_scale(*advice.published, advice.ranking);
  REQUIRE(scale);
  CHECK(scale->points == 6);
  // The studies' wobble of up to 4 % is 0.03 of effects that span a factor of four.
  CHECK_THAT(scale->line.slope, WithinAbs(0.5, 0.03));
  CHECK(scale->interval95.low < scale->line.slope);
  CHECK(scale->line.slope < scale->interval95.high);
  CHECK(advice_to_json(advice)["published"]["scale"]["candidates"] == 6);
  CHECK_THAT(advice_to_text(advice), ContainsSubstring("of its published size here"));
  const auto four = alike();
  const auto few = advise(four, quality_wish(studies_of(ratios)));
  CHECK_FALSE(published_scale(*few.published, few.ranking));
  CHECK(advice_to_json(few)["published"]["scale"].is_null());
}

}  // namespace
}  // namespace ganselect
