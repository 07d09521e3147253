#include "results/report/defect_cards.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <set>
#include <string>
#include <vector>

#include "metrics/spec.h"
#include "tests/support/errors.h"

using namespace ganselect;
using Catch::Matchers::WithinAbs;
using test::contains;
using test::thrown_by;

namespace {

// Two measures, of opposite directions, and two defects; clean fid 2 +- 0.5, clean modes all 10.
Json small_cards() {
  return parse_json(R"({
    "schema_version": 1,
    "protocol": {"detector": "judge-cifar10", "n_fake": 100},
    "threshold": 4,
    "defects": [
      {"name": "noise", "planted": "Gaussian noise", "unit": "sd of 255", "card_level": 16, "levels": [8, 16]},
      {"name": "dropped-modes", "planted": "classes left out", "unit": "classes", "card_level": 5, "levels": [5]}],
    "cards": [
      {"measure": "fid", "better": "lower", "clean": {"mean": 2, "sd": 0.5, "minimum": 1.4, "maximum": 2.7},
       "effects": [{"defect": "noise", "level": 8, "value": 3, "effect": 2, "sees": false},
                   {"defect": "noise", "level": 16, "value": 4, "effect": 4, "sees": true},
                   {"defect": "dropped-modes", "level": 5, "value": 1, "effect": -2, "sees": false}]},
      {"measure": "modes", "better": "higher", "clean": {"mean": 10, "sd": 0, "minimum": 10, "maximum": 10},
       "effects": [{"defect": "dropped-modes", "level": 5, "value": 5, "effect": null, "sees": true},
                   {"defect": "noise", "level": 16, "value": null, "effect": null, "sees": false}]}]})",
                    "small cards");
}

// What the loader says of the small cards after one change.
test::Thrown refused(const std::string& pointer, const Json& value) {
  Json json = small_cards();
  json[Json::json_pointer(pointer)] = value;
  return thrown_by([&] { defect_cards_from_json(json, "cards"); });
}

}  // namespace

TEST_CASE("cards say which defects a measure sees at the card level", "[fast][defects]") {
  const auto cards = defect_cards_from_json(small_cards(), "cards");
  CHECK(cards.sees("fid", "noise") == true);
  CHECK(cards.sees("fid", "dropped-modes") == false);
  CHECK(cards.sees("modes", "dropped-modes") == true);
  CHECK(cards.sees("modes", "noise") == std::nullopt);  // measured, but without a value
  CHECK(cards.sees("recall", "noise") == std::nullopt);
  CHECK(cards.sees("fid", "blur") == std::nullopt);
  CHECK(cards.seen_by("fid") == std::vector<std::string>{"noise"});
  CHECK(cards.seen_by("modes") == std::vector<std::string>{"dropped-modes"});
  CHECK(cards.seen_by("recall").empty());
}

TEST_CASE("an effect counts clean standard deviations towards the worse side", "[fast][defects]") {
  const CleanSpread clean{.mean = 2, .sd = 0.5, .minimum = 1.4, .maximum = 2.7};
  CHECK_THAT(*defect_effect(3, clean, "lower"), WithinAbs(2, 1e-15));
  CHECK_THAT(*defect_effect(3, clean, "higher"), WithinAbs(-2, 1e-15));
  CHECK(defect_seen(4, clean, "lower", 4));
  CHECK_FALSE(defect_seen(3.99, clean, "lower", 4));
  CHECK_FALSE(defect_seen(4, clean, "higher", 4));  // an improvement is not a defect seen
  CHECK(defect_seen(0, clean, "higher", 4));
  const CleanSpread same{.mean = 10, .sd = 0, .minimum = 10, .maximum = 10};
  CHECK_FALSE(defect_effect(9, same, "higher"));
  CHECK(defect_seen(9, same, "higher", 4));
  CHECK_FALSE(defect_seen(10, same, "higher", 4));
  CHECK_FALSE(defect_seen(9, same, "lower", 4));
}

TEST_CASE("cards survive writing and reading", "[fast][defects]") {
  const Json json = small_cards();
  CHECK(to_json(defect_cards_from_json(json, "cards")).dump() ==
        to_json(defect_cards_from_json(to_json(defect_cards_from_json(json, "cards")), "again"))
            .dump());
  CHECK(to_json(defect_cards_from_json(json, "cards")) == json);
}

TEST_CASE("damaged cards are refused with the place", "[fast][defects]") {
  CHECK(contains(refused("/schema_version", 2).message, "schema_version 1"));
  CHECK(contains(refused("/threshold", 0).message, "threshold"));
  CHECK(contains(refused("/cards/0/measure", "fidd").message, "fidd"));
  CHECK(contains(refused("/cards/0/better", "higher").message, "better: lower"));
  CHECK(contains(refused("/cards/1/measure", "fid").message, "better"));
  CHECK(contains(refused("/cards/0/effects/0/defect", "rust").message, "rust"));
  CHECK(contains(refused("/cards/0/effects/0/level", 9).message, "one of its levels"));
  CHECK(contains(refused("/cards/0/effects/0/sees", true).message, "sees false"));
  CHECK(contains(refused("/cards/1/effects/0/value", 10).message, "sees false"));
  CHECK(contains(refused("/defects/0/card_level", 9).message, "card_level"));
  CHECK(contains(refused("/defects/1/name", "noise").message, "twice"));
  CHECK(contains(refused("/cards/0/colour", 1).message, "colour"));
  CHECK(refused("/cards", 3).kind == ErrorKind::kUsage);
}

TEST_CASE("the published cards are readable and name their protocol", "[fast][defects]") {
  const auto cards = load_defect_cards(published_defect_cards());
  for (const char* key : {"detector", "detector_digest", "data", "data_digest", "n_real", "n_fake",
                          "n_heldout", "clean_subsets", "seed"}) {
    INFO(key);
    CHECK(cards.protocol.contains(key));
  }
  std::set<std::string> defects;
  for (const auto& defect : cards.defects) defects.insert(defect.name);
  for (const char* name : {"collapse", "dropped-modes", "copies", "noise", "blur"}) {
    INFO(name);
    CHECK(defects.contains(name));
    for (const auto& card : cards.cards) CHECK(cards.sees(card.measure, name).has_value());
  }
  for (const char* name : {"fid", "kid_exact", "precision", "recall", "density", "coverage",
                           "modes", "mode_kl", "memorization", "fid_gap"}) {
    INFO(name);
    bool found = false;
    for (const auto& card : cards.cards) found = found || card.measure == name;
    CHECK(found);
  }
}
