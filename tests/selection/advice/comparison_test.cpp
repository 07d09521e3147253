#include "selection/advice/comparison.h"

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
using test::add_trials;

AdviceInput comparing(const std::string& query, const std::map<std::string, double>& ratios) {
  AdviceInput input;
  input.query = query;
  input.ranking.draws = 300;
  input.candidates = {"dcgan", "lsgan", "rsgan", "pacgan2"};
  input.studies = std::make_shared<const PublishedStudies>(test::studies_of(ratios));
  return input;
}

std::vector<Record> three_apart() {
  DrawStream stream(8);
  std::vector<Record> records;
  add_trials(records, "lsgan", 3, 0.7, 0.7, 0.01, stream);
  add_trials(records, "dcgan", 3, 0.4, 0.4, 0.01, stream);
  add_trials(records, "rsgan", 3, 0.9, 0.9, 0.01, stream);
  return records;
}

TEST_CASE("Two candidates held against each other are both shown, the better first",
          "[fast][comparison]") {
  const auto records = three_apart();
  const auto advice =
      advise(records, comparing("is dcgan better than lsgan?", {{"dcgan", 1.0}, {"lsgan", 0.5}}));
  const auto text = advice_to_screen(advice, {});
  INFO(text);
  CHECK(text.starts_with("Take lsgan rather than dcgan for "));
  CHECK_THAT(text, ContainsSubstring("the better of the two"));
  CHECK_THAT(text, ContainsSubstring("\nlsgan ") && ContainsSubstring("\ndcgan "));
  CHECK_THAT(text, ContainsSubstring("Published: lsgan has 0.5") &&
                       ContainsSubstring("of dcgan's fid") &&
                       ContainsSubstring("5 and 5 studies hold"));
  // Who was not named is out because of that, which nobody has to be told.
  CHECK(text.find("rsgan") == std::string::npos);
  const Json json = advice_to_json(advice);
  CHECK(json["comparison"]["a"]["candidate"] == "lsgan");
  CHECK(json["comparison"]["b"]["candidate"] == "dcgan");
  CHECK(json["comparison"]["tied"] == false);
  CHECK(json["comparison"]["published"]["reference"] == "dcgan");
  CHECK_THAT(json["comparison"]["published"]["log_ratio"].get<double>(),
             WithinAbs(std::log(0.5), 0.05));
  CHECK(json["summary"] == answer_sentence(advice));
}

TEST_CASE("Where others found the opposite the answer says so", "[fast][comparison]") {
  const auto records = three_apart();
  const auto advice =
      advise(records, comparing("dcgan or lsgan, good quality", {{"dcgan", 1.0}, {"lsgan", 2.0}}));
  CHECK_THAT(advice_to_screen(advice, {}),
             ContainsSubstring("Published, the other way round: lsgan has 2.0"));
}

TEST_CASE("What own trials cannot tell apart is not said to be better", "[fast][comparison]") {
  std::vector<Record> records;
  const double off[] = {0.0, 0.06, -0.05};
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    records.push_back(test::healthy_record("lsgan", seed, 0.50 + off[seed], 0.5 - off[seed]));
    records.push_back(test::healthy_record("dcgan", seed, 0.50 - off[seed], 0.5 + off[seed]));
  }
  auto input = comparing("dcgan or lsgan, good quality", {{"dcgan", 1.0}, {"lsgan", 1.0}});
  const auto advice = advise(records, input);
  REQUIRE(advice.comparison);
  CHECK(advice.comparison->tied);
  CHECK_THAT(answer_sentence(advice), ContainsSubstring("cannot tell them apart"));
}

TEST_CASE("A candidate without trials is named and nothing is made of the other",
          "[fast][comparison]") {
  const auto records = three_apart();
  const auto advice = advise(
      records, comparing("is pacgan2 better than dcgan?", {{"dcgan", 1.0}, {"pacgan2", 0.8}}));
  const auto text = advice_to_screen(advice, {});
  INFO(text);
  CHECK_THAT(text, ContainsSubstring("Not measured here: pacgan2."));
  CHECK_THAT(text, ContainsSubstring("Our trials cannot hold dcgan against pacgan2"));
  CHECK_THAT(text, ContainsSubstring("nothing else is left to compare it with"));
  CHECK_THAT(text, ContainsSubstring("Published: pacgan2 has 0.8"));
  CHECK(text.find("100 in 100") == std::string::npos);
}

TEST_CASE("Two are compared where both were trained, though fewer were", "[fast][comparison]") {
  auto records = three_apart();
  for (const char* name : {"dcgan", "pacgan2"}) {
    Json json = test::fake_record(name, 0, test::healthy_measures(0.5, 0.5));
    json["budget"]["steps"] = 6400;
    json["trial_id"] = std::string(name) + "-longer";
    records.push_back(parse_record(json, name));
  }
  const std::map<std::string, double> ratios = {{"dcgan", 1.0}};
  const auto both = advise(records, comparing("is pacgan2 better than dcgan?", ratios));
  CHECK(both.evidence.protocol["steps"] == 6400);
  CHECK(both.ranking.ranked.size() == 2);
  CHECK(not_measured(both).empty());
  const auto other = advise(records, comparing("is lsgan better than dcgan?", ratios));
  CHECK(other.evidence.protocol["steps"] != 6400);
}

TEST_CASE("Studies know a GAN by its letters and digits", "[fast][comparison]") {
  const PublishedStudies studies(
      test::studies_of({{"stylegan2+ada", 0.2}, {"dcgan", 1.0}, {"biggan", 0.3}}));
  CHECK(studies.known_as("StyleGAN2-ADA") == "stylegan2+ada");
  CHECK(studies.known_as("dcgan") == "dcgan");
  CHECK_FALSE(studies.known_as("StyleGAN2"));

  const auto records = three_apart();
  const auto advice = advise(
      records, comparing("StyleGAN2-ADA or BigGAN", {{"stylegan2+ada", 0.2}, {"biggan", 0.3}}));
  const auto text = advice_to_screen(advice, {});
  INFO(text);
  CHECK_THAT(text, ContainsSubstring("Published: stylegan2+ada has 0.6") &&
                       ContainsSubstring("of biggan's fid"));
  // The ranking of those that are trained here goes on as ever.
  CHECK_THAT(text, ContainsSubstring("Take rsgan for "));
}

TEST_CASE("Without studies the published half is missing with a reason", "[fast][comparison]") {
  const auto records = three_apart();
  auto input = comparing("is dcgan better than lsgan?", {{"dcgan", 1.0}, {"lsgan", 0.5}});
  input.evidence_from = "own";
  const Json json = advice_to_json(advise(records, input));
  CHECK(json["comparison"]["published"].is_null());
  CHECK(json["comparison"]["reason"] == "published studies were not looked at");
}

TEST_CASE("A GAN is not held against itself", "[fast][comparison]") {
  const auto records = three_apart();
  try {
    advise(records, comparing("is dcgan better than dcgan?", {{"dcgan", 1.0}}));
    FAIL_CHECK("answered");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    CHECK_THAT(error.what(), ContainsSubstring("two different GANs"));
  }
}

}  // namespace
}  // namespace ganselect
