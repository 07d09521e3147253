// The measured planted-defect cards: which measures notice which damage to a set of real images.
// Reads defect_cards.json, which `ganselect validate` writes; does not measure anything itself.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/settings_io.h"

namespace ganselect {

/// A fault that was planted in clean samples, in graded steps.
struct PlantedDefect {
  std::string name;            ///< "collapse", "dropped-modes", "copies", "noise", "blur", ...
  std::string planted;         ///< what was done to the samples
  std::string unit;            ///< of the levels
  double card_level = 0.0;     ///< the step that decides whether a measure sees the defect
  std::vector<double> levels;  ///< every step, mild to strong
};

/// One measure at one step of one defect.
struct DefectEffect {
  std::string defect;
  double level = 0.0;
  std::optional<double> value;  ///< of the measure; absent where it could not be had
  /// (value - clean mean) / clean standard deviation, positive where the measure got worse; absent
  /// with the value, and where all clean subsets gave the same value.
  std::optional<double> effect;
  /// The effect reaches the threshold; without one: the value is worse than every clean one.
  bool sees = false;
};

/// Values of the clean subsets.
struct CleanSpread {
  double mean = 0.0;
  double sd = 0.0;  ///< over subsets, N - 1
  double minimum = 0.0, maximum = 0.0;
};

struct MeasuredCard {
  std::string measure;  ///< a name of metric_specs()
  std::string better;   ///< "lower" or "higher"
  CleanSpread clean;
  std::vector<DefectEffect> effects;
};

struct MeasuredCards {
  int schema_version = 0;
  Json protocol = Json::object();  ///< detector and data with their digests, counts, seed
  double threshold = 0.0;          ///< clean standard deviations from which a defect counts as seen
  std::vector<PlantedDefect> defects;
  std::vector<MeasuredCard> cards;

  /// Whether `measure` sees `defect` at its card level; nothing when that was not measured.
  std::optional<bool> sees(const std::string& measure, const std::string& defect) const;
  /// Names of the defects that `measure` sees, in the order of `defects`; empty without a card.
  std::vector<std::string> seen_by(const std::string& measure) const;
};

inline constexpr int kDefectCardsSchemaVersion = 1;

/// Signed so that positive is worse; nothing where the clean values do not vary.
std::optional<double> defect_effect(double value, const CleanSpread& clean,
                                    const std::string& better);
/// The rule of DefectEffect::sees.
bool defect_seen(double value, const CleanSpread& clean, const std::string& better,
                 double threshold);

/// Parses and checks: known measures and their direction, no measure or defect twice, every effect
/// at a level of its defect, and `sees` as the rule has it. kUsage with the place otherwise;
/// `where` names the document.
MeasuredCards defect_cards_from_json(const Json& json, const std::string& where);
Json to_json(const MeasuredCards& cards);

MeasuredCards load_defect_cards(const std::filesystem::path& file);
/// results/published/measures/defect_cards.json of this copy of the program.
std::filesystem::path published_defect_cards();

template <class V>
void describe(V& v, PlantedDefect& s) {
  v.field("name", s.name, "of the defect");
  v.field("planted", s.planted, "what was done to the samples");
  v.field("unit", s.unit, "of the levels");
  v.field("card_level", s.card_level, "the step that decides");
  v.field("levels", s.levels, "every step, mild to strong");
}

template <class V>
void describe(V& v, DefectEffect& s) {
  v.field("defect", s.defect, "a name of the defects");
  v.field("level", s.level, "one of the defect's levels");
  v.field("value", s.value, "of the measure");
  v.field("effect", s.effect, "worsening in clean standard deviations");
  v.field("sees", s.sees, "whether the measure sees the defect");
}

template <class V>
void describe(V& v, CleanSpread& s) {
  v.field("mean", s.mean, "over clean subsets");
  v.field("sd", s.sd, "over clean subsets, N - 1", at_least(0));
  v.field("minimum", s.minimum, "least of the clean subsets");
  v.field("maximum", s.maximum, "greatest of the clean subsets");
}

template <class V>
void describe(V& v, MeasuredCard& s) {
  v.field("measure", s.measure, "a measure");
  v.field("better", s.better, "which way is better", one_of({"lower", "higher"}));
  v.field("clean", s.clean, "values of the clean subsets");
  v.field("effects", s.effects, "by defect and level");
}

template <class V>
void describe(V& v, MeasuredCards& s) {
  v.field("schema_version", s.schema_version, "of this document");
  v.field("protocol", s.protocol, "detector, data, counts, seed");
  v.field("threshold", s.threshold, "clean standard deviations from which a defect is seen",
          above(0));
  v.field("defects", s.defects, "what was planted");
  v.field("cards", s.cards, "one a measure");
}

}  // namespace ganselect
