#include "harness/commands/setting_flags.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

struct FlagSettings {
  std::int64_t curve_interval = 50;
  std::optional<double> clip;
  bool slow = false;
  std::vector<std::string> metrics;
  std::map<std::string, double> options;
  std::string mode = "eval";
  std::string hidden = "kept";
};
template <class V>
void describe(V& v, FlagSettings& s) {
  v.field("curve_interval", s.curve_interval, "steps a row", at_least(1));
  v.field("clip", s.clip, "bound", above(0));
  v.field("slow", s.slow, "also the slow ones");
  v.field("metrics", s.metrics, "families");
  v.field("options", s.options, "of families");
  v.field("mode", s.mode, "of batch norm", one_of({"eval", "batch"}));
  v.field("hidden", s.hidden, "no flag");
}

FlagSettings parsed(std::vector<std::string> words, std::string* help = nullptr) {
  FlagSettings settings;
  CLI::App app;
  add_setting_flags(app, settings, {{"mode", "--bn-mode"}, {"hidden", ""}});
  std::reverse(words.begin(), words.end());
  app.parse(words);
  if (help != nullptr) *help = app.help();
  return settings;
}

TEST_CASE("every field is an option of its name, type and default", "[fast]") {
  const auto settings =
      parsed({"--curve-interval", "7", "--clip", "0.5", "--slow", "--metrics", "fid,kid",
              "--options", "ndb.bins=12,modes.level=0.05", "--bn-mode", "batch"});
  CHECK(settings.curve_interval == 7);
  CHECK(settings.clip == 0.5);
  CHECK(settings.slow);
  CHECK(settings.metrics == std::vector<std::string>{"fid", "kid"});
  CHECK(settings.options == std::map<std::string, double>{{"modes.level", 0.05}, {"ndb.bins", 12}});
  CHECK(settings.mode == "batch");

  std::string help;
  const auto untouched = parsed({}, &help);
  CHECK(untouched.curve_interval == 50);
  CHECK_FALSE(untouched.clip);
  CHECK(contains(help, "--curve-interval"));
  CHECK(contains(help, "50"));
  CHECK(contains(help, "of batch norm: eval, batch"));
  CHECK_FALSE(contains(help, "no flag"));
}

TEST_CASE("a number for a key has one form", "[fast]") {
  for (const char* text : {"ndb.bins", "=3", "ndb.bins=", "ndb.bins=many", "ndb.bins=3x"}) {
    const auto error = thrown_by([&] { numbers_by_key({text}, "--options"); });
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(contains(error.message, text));
  }
}

TEST_CASE("settings are held against their ranges without a way through JSON", "[fast]") {
  FlagSettings settings;
  check_described(settings, "here");
  settings.clip = -1.0;
  CHECK(contains(thrown_by([&] { check_described(settings, "here"); }).message, "key 'clip'"));
  settings.clip.reset();
  settings.mode = "evaal";
  CHECK(contains(thrown_by([&] { check_described(settings, "here"); }).message,
                 "did you mean 'eval'?"));
}

}  // namespace
}  // namespace ganselect
