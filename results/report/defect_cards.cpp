#include "results/report/defect_cards.h"

#include <algorithm>
#include <set>

#include "base/provenance.h"
#include "metrics/spec.h"

namespace ganselect {
namespace {

[[noreturn]] void refuse_cards(const std::string& where, const std::string& expected,
                               const std::string& got) {
  fail(ErrorKind::kUsage, {.where = where, .expected = expected, .got = got});
}

const PlantedDefect* find_planted(const MeasuredCards& cards, const std::string& name) {
  const auto found = std::find_if(cards.defects.begin(), cards.defects.end(),
                                  [&](const auto& defect) { return defect.name == name; });
  return found == cards.defects.end() ? nullptr : &*found;
}

bool has_level(const PlantedDefect& defect, double level) {
  return std::find(defect.levels.begin(), defect.levels.end(), level) != defect.levels.end();
}

void check_defects(const MeasuredCards& cards, const std::string& where) {
  std::set<std::string> names;
  for (const auto& defect : cards.defects) {
    if (!names.insert(defect.name).second)
      refuse_cards(where, "every defect once", defect.name + " twice");
    if (!has_level(defect, defect.card_level)) {
      refuse_cards(where + " defect " + defect.name, "a card_level among the levels",
                   std::to_string(defect.card_level));
    }
  }
}

void check_effect(const MeasuredCards& cards, const MeasuredCard& card, const DefectEffect& effect,
                  const std::string& where) {
  const auto* defect = find_planted(cards, effect.defect);
  if (defect == nullptr) refuse_cards(where, "a planted defect", "'" + effect.defect + "'");
  if (!has_level(*defect, effect.level)) {
    refuse_cards(where + " defect " + effect.defect, "one of its levels",
                 std::to_string(effect.level));
  }
  const bool seen =
      effect.value && defect_seen(*effect.value, card.clean, card.better, cards.threshold);
  if (seen != effect.sees) {
    refuse_cards(where + " defect " + effect.defect + " level " + std::to_string(effect.level),
                 std::string("sees ") + (seen ? "true" : "false") + " by value and clean spread",
                 seen ? "false" : "true");
  }
}

void check_cards(const MeasuredCards& cards, const std::string& where) {
  std::set<std::string> measures;
  for (const auto& card : cards.cards) {
    const auto* spec = find_metric_spec(card.measure);
    if (spec == nullptr) refuse_cards(where, "a known measure", "'" + card.measure + "'");
    if (direction_name(spec->direction) != card.better) {
      refuse_cards(where + " measure " + card.measure,
                   "better: " + std::string(direction_name(spec->direction)), card.better);
    }
    if (!measures.insert(card.measure).second)
      refuse_cards(where, "every measure once", card.measure + " twice");
    for (const auto& effect : card.effects)
      check_effect(cards, card, effect, where + " measure " + card.measure);
  }
}

}  // namespace

std::optional<double> defect_effect(double value, const CleanSpread& clean,
                                    const std::string& better) {
  if (clean.sd <= 0) return std::nullopt;
  return (better == "lower" ? value - clean.mean : clean.mean - value) / clean.sd;
}

bool defect_seen(double value, const CleanSpread& clean, const std::string& better,
                 double threshold) {
  if (const auto effect = defect_effect(value, clean, better)) return *effect >= threshold;
  return better == "lower" ? value > clean.maximum : value < clean.minimum;
}

std::optional<bool> MeasuredCards::sees(const std::string& measure,
                                        const std::string& defect) const {
  const auto* planted = find_planted(*this, defect);
  if (planted == nullptr) return std::nullopt;
  for (const auto& card : cards) {
    if (card.measure != measure) continue;
    for (const auto& effect : card.effects) {
      if (effect.defect == defect && effect.level == planted->card_level && effect.value)
        return effect.sees;
    }
  }
  return std::nullopt;
}

std::vector<std::string> MeasuredCards::seen_by(const std::string& measure) const {
  std::vector<std::string> seen;
  for (const auto& defect : defects) {
    if (sees(measure, defect.name).value_or(false)) seen.push_back(defect.name);
  }
  return seen;
}

MeasuredCards defect_cards_from_json(const Json& json, const std::string& where) {
  const auto cards = settings_from_json<MeasuredCards>(json, where);
  if (cards.schema_version != kDefectCardsSchemaVersion) {
    refuse_cards(where, "schema_version " + std::to_string(kDefectCardsSchemaVersion),
                 std::to_string(cards.schema_version));
  }
  if (cards.threshold <= 0) refuse_cards(where, "a threshold above 0", "none");
  check_defects(cards, where);
  check_cards(cards, where);
  return cards;
}

Json to_json(const MeasuredCards& cards) { return settings_to_json(cards); }

MeasuredCards load_defect_cards(const std::filesystem::path& file) {
  return defect_cards_from_json(read_json_file(file), file.string());
}

std::filesystem::path published_defect_cards() {
  return std::filesystem::path(share_dir()) / "results" / "published" / "measures" /
         "defect_cards.json";
}

}  // namespace ganselect
