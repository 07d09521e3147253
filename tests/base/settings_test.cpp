#include <catch2/catch_test_macros.hpp>

#include "base/settings_io.h"
#include "tests/support/errors.h"

using namespace ganselect;
using test::thrown_by;

namespace {

struct Inner {
  double rate = 0.5;
};
template <class V>
void describe(V& v, Inner& s) {
  v.field("rate", s.rate, "share kept", between(0, 1));
}

struct Outer {
  std::int64_t steps = 100;
  std::string mode = "eval";
  std::optional<double> limit;
  std::vector<std::string> names = {"a"};
  bool verbose = false;
  Inner inner;
};
template <class V>
void describe(V& v, Outer& s) {
  v.field("steps", s.steps, "updates", at_least(1));
  v.field("mode", s.mode, "batch norm mode", one_of({"eval", "batch"}));
  v.field("limit", s.limit, "upper limit", above(0));
  v.field("names", s.names, "names");
  v.field("verbose", s.verbose, "more lines");
  v.field("inner", s.inner, "inner settings");
}

std::string message_for(const std::string& text) {
  return thrown_by([&] { settings_from_json<Outer>(parse_json(text, "plan"), "plan"); }).message;
}

}  // namespace

TEST_CASE("settings go to JSON and back unchanged", "[fast][settings]") {
  Outer s;
  s.steps = 7;
  s.limit = 2.5;
  s.names = {"x", "y"};
  s.inner.rate = 0.25;
  const Json json = settings_to_json(s);
  CHECK(
      json.dump() ==
      R"({"steps":7,"mode":"eval","limit":2.5,"names":["x","y"],"verbose":false,"inner":{"rate":0.25}})");
  CHECK(settings_to_json(settings_from_json<Outer>(json, "plan")) == json);
}

TEST_CASE("keys that are not given keep their defaults", "[fast][settings]") {
  const auto s =
      settings_from_json<Outer>(parse_json(R"({"steps": 1e3, "limit": null})", "plan"), "plan");
  CHECK(s.steps == 1000);
  CHECK_FALSE(s.limit.has_value());
  CHECK(s.mode == "eval");
}

TEST_CASE("what cannot be used is refused with its place and what is valid", "[fast][settings]") {
  CHECK(message_for(R"({"step": 3})") ==
        "[plan] expected only the keys steps, mode, limit, names, verbose, inner, got 'step'; did "
        "you mean 'steps'?");
  CHECK(message_for(R"({"steps": 0})") ==
        "[plan key 'steps'] expected a number of at least 1, got 0");
  CHECK(message_for(R"({"steps": 1.5})") == "[plan key 'steps'] expected a whole number, got 1.5");
  CHECK(message_for(R"({"mode": "evil"})") ==
        "[plan key 'mode'] expected one of eval, batch, got 'evil'; did you mean 'eval'?");
  CHECK(message_for(R"({"limit": 0})") == "[plan key 'limit'] expected a number above 0, got 0");
  CHECK(message_for(R"({"verbose": 1})") == "[plan key 'verbose'] expected true or false, got 1");
  CHECK(message_for(R"({"names": [1]})") == "[plan key 'names'[0]] expected a text, got 1");
  CHECK(message_for(R"({"inner": {"rate": 2}})") ==
        "[plan key 'inner' key 'rate'] expected a number of at least 0 and at most 1, got 2");
  CHECK(message_for(R"([1])") == "[plan] expected a JSON object, got [1]");
  CHECK(message_for(R"({"steps": 1, "steps": 2})") ==
        "[plan] expected each key once, got 'steps' twice");
}

TEST_CASE("every field is documented with its default", "[fast][settings]") {
  const auto docs = settings_docs<Outer>();
  REQUIRE(docs.size() == 6);
  CHECK(docs[0].name == "steps");
  CHECK(docs[0].default_value == "100");
  CHECK(docs[0].meaning == "updates");
}
