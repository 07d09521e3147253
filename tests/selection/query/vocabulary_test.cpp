// Reading of the vocabulary: what is misspelt, missing, doubled or of no use is named.
#include "selection/query/vocabulary.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "selection/query/vocabulary_text.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;

Json own() { return parse_json(std::string(vocabulary_text()), "vocabulary.json"); }

// The program's own vocabulary with one more row.
std::string refusal_of_row(const Json& row) {
  Json json = own();
  json["rows"].push_back(row);
  try {
    parse_vocabulary(json, "words.json");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST_CASE("The vocabulary is read whole", "[fast][query]") {
  const Json json = own();
  CHECK(vocabulary().rows.size() == json["rows"].size());
  std::size_t phrases = 0, read = 0;
  for (const auto& row : json["rows"]) phrases += row["phrases"].size();
  for (const auto& row : vocabulary().rows) read += row.phrases.size();
  CHECK(read == phrases);
  CHECK(refusal_of_row({{"kind", "ignored"}, {"phrases", {"zorp", "zorp* zarp"}}}) == "accepted");
}

TEST_CASE("Faults of a row are named with their place", "[fast][query]") {
  const std::string place = "'rows'[" + std::to_string(own()["rows"].size()) + "]";
  const auto names = [&](const Json& row, const std::string& part) {
    CAPTURE(row.dump());
    CHECK_THAT(refusal_of_row(row), ContainsSubstring(part));
  };
  names({{"kind", "ignored"}, {"phrases", {"quality"}}}, place);
  names({{"kind", "ignored"}, {"phrases", {"quality"}}}, "'quality', which rows[0] carries too");
  names({{"kind", "ignord"}, {"phrases", {"zorp"}}}, "did you mean 'ignored'?");
  names({{"phrases", {"zorp"}}}, "a key 'kind'");
  names({{"kind", "ignored"}, {"phrases", Json::array()}}, "at least one phrase");
  names({{"kind", "ignored"}, {"phrases", "zorp"}}, "a list");
  names({{"kind", "ignored"}, {"phrase", {"zorp"}}}, "phrases");
  names({{"kind", "ignored"}, {"phrases", {"Zorp"}}}, "lower case");
  names({{"kind", "ignored"}, {"phrases", {"zorp-zarp"}}}, "'zorp-zarp'");
  names({{"kind", "ignored"}, {"phrases", {"zorp  zarp"}}}, "one blank apart");
  names({{"kind", "ignored"}, {"factor", 2}, {"phrases", {"zorp"}}}, "'factor'");
  names({{"kind", "strong"}, {"phrases", {"zorp"}}}, "a key 'factor', which 'strong' needs");
  names({{"kind", "strong"}, {"factor", 0}, {"phrases", {"zorp"}}}, "factor");
  names({{"kind", "criterion"}, {"criteria", {{"qualty", 1}}}, {"phrases", {"zorp"}}},
        "did you mean 'quality'?");
  names({{"kind", "criterion"}, {"criteria", {{"quality", 0.5}}}, {"phrases", {"zorp"}}},
        "a sum of 0.5");
  names({{"kind", "device"}, {"device", "tpu"}, {"phrases", {"zorp"}}}, "cpu");
  names({{"kind", "decision"}, {"decision", "size"}, {"phrases", {"zorp"}}}, "architecture");
}

TEST_CASE("Faults of the other parts are named too", "[fast][query]") {
  const auto refusal = [](const Json& json) -> std::string {
    try {
      parse_vocabulary(json, "words.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  Json json = own();
  json.erase("bounds");
  CHECK_THAT(refusal(json), ContainsSubstring("a key 'bounds'"));
  json = own();
  json["unit"] = Json::array();
  CHECK_THAT(refusal(json), ContainsSubstring("'unit'") && ContainsSubstring("units"));
  json = own();
  json["units"][0]["key"] = "seconds";
  CHECK_THAT(refusal(json), ContainsSubstring("train_seconds"));
  json = own();
  json["scales"]["k"] = "many";
  CHECK_THAT(refusal(json), ContainsSubstring("'scales'") && ContainsSubstring("a number"));
  json = own();
  json["counts"]["image_noun"] = Json::array();
  CHECK_THAT(refusal(json), ContainsSubstring("image_nouns"));
  CHECK(refusal(own()) == "accepted");
}

}  // namespace
}  // namespace ganselect
