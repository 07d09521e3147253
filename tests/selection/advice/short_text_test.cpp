#include "selection/advice/short_text.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sstream>

#include "base/text.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::add_trials;

AdviceInput screen_input(const std::string& query) {
  AdviceInput input;
  input.query = query;
  input.ranking.draws = 300;
  return input;
}

// One far ahead, five alike behind it, one that broke down.
std::vector<Record> seven_candidates(double lead) {
  DrawStream stream(5);
  std::vector<Record> records;
  add_trials(records, "lsgan", 3, 0.5, 0.5 + lead, 0.02, stream);
  for (const char* name : {"rsgan", "wgan", "wgan-gp", "sngan", "geometric-gan"})
    add_trials(records, name, 3, 0.5, 0.5, 0.02, stream);
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    auto measures = test::healthy_measures(0.5, 0.5);
    measures["collapsed"] = 1.0;
    records.push_back(test::make_record("fcgan", seed, measures));
  }
  return records;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("The short answer fits its screen and begins with the recommendation", "[fast][advice]") {
  for (const double lead : {0.0, 0.3}) {
    const auto records = seven_candidates(lead);
    for (const char* query : {"which GAN for high diversity?", "cheap and stable", "good quality",
                              "diversity, stable, at least 9 modes"}) {
      const auto advice = advise(records, screen_input(query));
      for (const std::size_t width : {60U, 80U, 132U}) {
        const auto text = advice_to_screen(advice, {.width = width});
        INFO(text);
        CHECK(text.ends_with("\n"));
        const auto lines = lines_of(text);
        CHECK(lines.size() <= 24);
        for (const auto& line : lines) CHECK(printed_width(line) <= width);
        CHECK(lines[0].starts_with("Take " + advice.ranking.ranked[0].evidence->name + " for "));
        CHECK_THAT(text, ContainsSubstring("Does not work here: fcgan."));
        CHECK_THAT(text, ContainsSubstring("--full"));
      }
    }
  }
}

TEST_CASE("A clear winner stands alone, what cannot be told apart is a shortlist",
          "[fast][advice]") {
  const auto far = seven_candidates(0.4);
  const auto clear = advise(far, screen_input("diversity"));
  CHECK(shortlist(clear.ranking) == std::vector<std::string>{"lsgan"});
  CHECK_THAT(advice_to_screen(clear, {}), ContainsSubstring("Take lsgan for varied samples."));

  const auto alike = seven_candidates(0.0);
  const auto tied = advise(alike, screen_input("diversity"));
  const auto names = shortlist(tied.ranking);
  REQUIRE(names.size() >= 2);
  CHECK(names.size() <= 4);
  CHECK(names[0] == tied.ranking.ranked[0].evidence->name);
  CHECK_THAT(advice_to_screen(tied, {}), ContainsSubstring("may do as well"));
  const Json json = advice_to_json(tied);
  CHECK(json["shortlist"] == Json(names));
  CHECK(json["summary"] == answer_sentence(tied));
  CHECK(answer_sentence(tied).starts_with("Take " + names[0] + " for varied samples; " + names[1]));
  CHECK(json["how_sure"] == sure_sentence(tied));
  CHECK_THAT(sure_sentence(tied), ContainsSubstring(" that it is the best of "));
  CHECK(json["published_says"].is_null());
  CHECK(json["shortlist"][0] == json["ranking"][0]["candidate"]);
}

TEST_CASE("Without UTF-8 the answer is plain ASCII", "[fast][advice]") {
  const auto records = seven_candidates(0.1);
  const auto advice = advise(records, screen_input("good quality"));
  const auto is_ascii = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
  };
  CHECK(is_ascii(advice_to_screen(advice, {.unicode = false})));
  CHECK_FALSE(is_ascii(advice_to_screen(advice, {.unicode = true})));
  CHECK_THAT(advice_to_screen(advice, {.unicode = false}), ContainsSubstring("+-"));
}

TEST_CASE("One seed is said to be one", "[fast][advice]") {
  DrawStream stream(3);
  std::vector<Record> records;
  add_trials(records, "lsgan", 1, 0.5, 0.5, 0.0, stream);
  add_trials(records, "rsgan", 1, 0.4, 0.4, 0.0, stream);
  const auto advice = advise(records, screen_input("diversity"));
  CHECK_THAT(advice_to_screen(advice, {}), ContainsSubstring("one seed"));
  CHECK(answer_sentence(advice) == "Take lsgan for varied samples; rsgan comes next.");
  CHECK(shortlist(advice.ranking) == std::vector<std::string>{"lsgan", "rsgan"});
}

TEST_CASE("Where nothing can be recommended the answer says so", "[fast][advice]") {
  std::vector<Record> records;
  auto measures = test::healthy_measures(0.5, 0.5);
  measures["collapsed"] = 1.0;
  records.push_back(test::make_record("fcgan", 0, measures));
  const auto advice = advise(records, screen_input("diversity"));
  CHECK(shortlist(advice.ranking).empty());
  const Json json = advice_to_json(advice);
  CHECK(json["summary"] == "No candidate can be recommended for varied samples.");
  CHECK(json["how_sure"].is_null());
  const auto text = advice_to_screen(advice, {});
  CHECK_THAT(text, ContainsSubstring("No candidate can be recommended for varied samples"));
  CHECK_THAT(text, ContainsSubstring("Does not work here: fcgan"));
}

TEST_CASE("What nothing was measured of is said first", "[fast][advice]") {
  const auto records = seven_candidates(0.3);  // of 50,000 images
  const auto few = advise(records, screen_input("diverse faces from 400 training images"));
  const auto text = advice_to_screen(few, {});
  INFO(text);
  CHECK_THAT(text, ContainsSubstring("Not measured here: 400 training images (nearest: 50000)"));
  CHECK_THAT(text, ContainsSubstring("faces"));
  CHECK(text.find("Not measured here") < text.find("Take lsgan"));
  const auto enough = advise(records, screen_input("diverse, from 60,000 training images"));
  CHECK(advice_to_screen(enough, {}).find("Not measured here") == std::string::npos);
}

TEST_CASE("A single question is answered before the ranking", "[fast][advice]") {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const double by_seed = 0.01 * static_cast<double>(seed);
    records.push_back(test::record_of_point({.name = "dcgan/hinge"}, seed,
                                            test::healthy_measures(0.4 + by_seed, 0.4)));
    records.push_back(test::record_of_point(
        {.name = "dcgan/hinge/spectral-norm", .regularization = {"spectral-norm"}}, seed,
        test::healthy_measures(0.6 + by_seed, 0.6)));
  }
  const auto advice = advise(records, screen_input("should I use spectral norm?"));
  const auto text = advice_to_screen(advice, {});
  INFO(text);
  CHECK(text.starts_with("On regularization: "));
  CHECK_THAT(text, ContainsSubstring("spectral-norm"));
  CHECK(lines_of(text).size() <= 24);
}

}  // namespace
}  // namespace ganselect
