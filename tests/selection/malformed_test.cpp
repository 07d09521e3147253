// Damaged records, use cases and queries: refused or left out by name, never read into wrong
// numbers.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/files.h"
#include "results/records/store.h"
#include "selection/advice/advice.h"
#include "tests/fuzz_answers/targets.h"
#include "tests/selection/synthetic.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::TempDir;

struct Damage {
  const char* name;
  std::string (*apply)(std::string text);
  const char* reason;  // a part of why the record is left out
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// The text is a record of dcgan, seed 0, with "fid":12.5.
const std::vector<Damage> kDamages = {
    {"cut off", [](std::string t) { return t.substr(0, t.size() / 2); }, "a JSON document"},
    {"empty", [](std::string) { return std::string(); }, "a JSON document"},
    {"a list", [](std::string t) { return "[" + t + "]"; }, "an object"},
    {"two documents", [](std::string t) { return t + t; }, "a JSON document"},
    {"NaN", [](std::string t) { return replaced(t, "12.5", "NaN"); }, "a JSON document"},
    {"a text for a number", [](std::string t) { return replaced(t, "12.5", "\"12.5\""); },
     "measures.fid"},
    {"a number too large", [](std::string t) { return replaced(t, "12.5", "1e999"); },
     "a JSON document"},
    {"a list for a number", [](std::string t) { return replaced(t, "12.5", "[12.5]"); },
     "measures.fid"},
    {"a key twice",
     [](std::string t) { return replaced(t, "\"fid\":12.5", "\"fid\":12.5,\"fid\":1"); },
     "'fid' twice"},
    {"schema version 0",
     [](std::string t) { return replaced(t, "\"schema_version\":1", "\"schema_version\":0"); },
     "schema_version"},
    {"schema version as text",
     [](std::string t) { return replaced(t, "\"schema_version\":1", "\"schema_version\":\"1\""); },
     "schema_version"},
    {"a negative seed",
     [](std::string t) { return replaced(t, "\"seed\":0,\"budget\"", "\"seed\":-1,\"budget\""); },
     "seed"},
    {"a seed beyond 64 bits",
     [](std::string t) {
       return replaced(t, "\"seed\":0,\"budget\"", "\"seed\":99999999999999999999,\"budget\"");
     },
     "seed"},
    {"a fraction of a step",
     [](std::string t) {
       return replaced(t, "\"steps\":200,\"batch\"", "\"steps\":0.5,\"batch\"");
     },
     "steps"},
    {"an unknown status", [](std::string t) { return replaced(t, "\"finished\"", "\"fine\""); },
     "status"},
    {"UTF-16",
     [](std::string t) {
       std::string wide = "\xff\xfe";
       for (const char c : t) wide += std::string(1, c) + '\0';
       return wide;
     },
     "a JSON document"},
    {"Latin-1 in a text",
     [](std::string t) {
       return replaced(t, "made up",
                       "made \xfc"
                       "p");
     },
     "a JSON document"},
    {"a raw control character", [](std::string t) { return replaced(t, "made up", "made\nup"); },
     "a JSON document"},
    {"deep nesting",
     [](std::string t) {
       const std::string open(100000, '['), close(100000, ']');
       return replaced(t, "\"warnings\":[]", "\"warnings\":" + open + close);
     },
     "levels"},
};

TEST_CASE("A damaged record is left out with a reason that names its fault", "[fast][malformed]") {
  test::FakeTrial trial;
  trial.measures = {{"fid", 12.5}};
  const std::string whole = test::fake_record(trial).dump();
  for (const auto& damage : kDamages) {
    CAPTURE(damage.name);
    const TempDir dir;
    write_file_atomically(dir / "good" / "record.json",
                          test::fake_record("lsgan", 1, {{"fid", 9.0}}).dump());
    write_file_atomically(dir / "bad" / "record.json", damage.apply(whole));
    const auto loaded = load_record_folder(dir.path());
    CHECK(loaded.records.size() == 1);
    REQUIRE(loaded.skipped.size() == 1);
    CHECK_THAT(loaded.skipped[0].path.string(), ContainsSubstring("bad"));
    CHECK_THAT(loaded.skipped[0].reason, ContainsSubstring(damage.reason));
    CHECK(loaded.skipped[0].reason.find('\n') == std::string::npos);
  }
}

TEST_CASE("A byte-order mark and a number at the edge of float64 are read as they are",
          "[fast][malformed]") {
  test::FakeTrial trial;
  trial.measures = {{"fid", 12.5}};
  const std::string whole = test::fake_record(trial).dump();
  const auto marked = parse_record(parse_json("\xef\xbb\xbf" + whole, "marked"), "marked");
  CHECK(marked.measure("fid") == 12.5);
  const auto huge =
      parse_record(parse_json(replaced(whole, "12.5", "1.7976931348623157e308"), "huge"), "huge");
  CHECK(huge.measure("fid") == 1.7976931348623157e308);
  // The scale ends at 0; a huge FID is no better and no worse than that.
  CHECK(score_trial(criteria().at("quality"), huge, {}).score.value_or(0.0) < 1e-6);
}

TEST_CASE("Both readers of JSON agree, value for value", "[fast][malformed]") {
  for (const char* text :
       {"0", "-1", "1.0", "1e3", "-0.0", "18446744073709551615", "-9223372036854775808",
        "123456789012345678901234567890", "\"\\u00e9\\ud83d\\ude00\\\"\"", "true", "null", "[]",
        "{}", "[1,[2,{\"a\":[]}]]", "{\"b\":1,\"a\":{\"b\":2}}", "4.9e-324", "0.1",
        " [ 1 , 2 ] "}) {
    CAPTURE(text);
    const Json quick = parse_json(text, "text");
    const Json plain = Json::parse(text);
    CHECK(quick == plain);
    CHECK(quick.type() == plain.type());
    CHECK(quick.dump() == plain.dump());
  }
  std::string wide = "{";
  for (int i = 0; i < 40; ++i) wide += "\"k" + std::to_string(i) + "\":1,";
  CHECK_THROWS_AS(parse_json(wide + "\"k3\":2}", "text"), Error);
  CHECK(parse_json(wide + "\"k40\":2}", "text").size() == 41);
  CHECK_NOTHROW(parse_json(std::string(150, '[') + std::string(150, ']'), "text"));
  CHECK_THROWS_AS(parse_json(std::string(300, '[') + std::string(300, ']'), "text"), Error);
}

TEST_CASE("Damaged texts are refused or read into what holds its promises", "[fast][malformed]") {
  struct Reader {
    const char* name;
    fuzz::Seeds (*seeds)();
    void (*read)(std::string_view);
  };
  const std::vector<Reader> readers = {
      {"record", &fuzz::record_seeds, &fuzz::read_record_text},
      {"use case", &fuzz::use_case_seeds, &fuzz::read_use_case_text},
      {"query", &fuzz::query_seeds, &fuzz::read_query_text}};
  std::mt19937_64 random(20260301);
  for (const auto& reader : readers) {
    for (const auto& seed : reader.seeds()) {
      reader.read(seed);
      for (int round = 0; round < 60; ++round) {
        std::string text = seed;
        for (std::size_t hits = 1 + random() % 4; hits > 0; --hits) {
          const auto at = random() % text.size();
          switch (random() % 4) {
            case 0:
              text[at] = static_cast<char>(random() % 256);
              break;
            case 1:
              text.erase(at, 1 + random() % 8);
              break;
            case 2:
              text.insert(at, text.substr(random() % text.size(), random() % 16));
              break;
            default:
              text[at] = "0123456789-+eE.,:[]{}\"\\"[random() % 23];
          }
          if (text.empty()) text = " ";
        }
        reader.read(text);
      }
    }
  }
  SUCCEED("nothing broke");
}

}  // namespace
}  // namespace ganselect
