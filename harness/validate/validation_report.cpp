// The validation study as JSON and as tables for people.
#include <fmt/format.h>

#include "harness/cli/output.h"
#include "harness/validate/validation.h"

namespace ganselect {
namespace {

constexpr const char* kVerdictKey =
    "moves: worse step by step, as it should. stays: not worse, as it should. **BLIND**: should "
    "get "
    "worse and does not. **NOT MONOTONE**: gets worse, but not step by step. **MOVES**: gets worse "
    "although it should not. open: the definition does not say; the level from which it is seen "
    "stands in brackets.";

std::string cell_of(const DefectCurve& curve) {
  std::string text = verdict_words(curve.verdict);
  const bool wrong = curve.verdict == Verdict::kBlind || curve.verdict == Verdict::kNotMonotone ||
                     curve.verdict == Verdict::kMovesWrongly;
  if (wrong) text = "**" + text + "**";
  if (curve.seen_from) text += fmt::format(" ({:g})", *curve.seen_from);
  return text;
}

std::string table_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const auto& cell : cells) row += " " + cell + " |";
  return row + "\n";
}

std::string rule_row(std::size_t cells) {
  return table_row(std::vector<std::string>(cells, "---"));
}

std::string value_cell(const std::optional<double>& value) {
  return value ? short_number(*value) : "none";
}

std::string verdict_table(const Validation& validation) {
  std::vector<std::string> header = {"measure"};
  for (const auto& defect : validation.cards.defects) header.push_back(defect.name);
  std::string text = table_row(header) + rule_row(header.size());
  for (const auto& card : validation.cards.cards) {
    std::vector<std::string> row = {"`" + card.measure + "`"};
    for (const auto& curve : validation.curves) {
      if (curve.measure == card.measure) row.push_back(cell_of(curve));
    }
    text += table_row(row);
  }
  return text;
}

std::string defect_table(const Validation& validation, const PlantedDefect& defect) {
  std::vector<std::string> header = {"measure", "clean"};
  for (const double level : defect.levels) header.push_back(fmt::format("{:g}", level));
  header.emplace_back("should get");
  header.emplace_back("verdict");
  std::string text = fmt::format("\n### {}\n{}; columns: {}. Its card reads at {:g}.\n\n",
                                 defect.name, defect.planted, defect.unit, defect.card_level);
  text += table_row(header) + rule_row(header.size());
  for (const auto& card : validation.cards.cards) {
    for (const auto& curve : validation.curves) {
      if (curve.measure != card.measure || curve.defect != defect.name) continue;
      std::vector<std::string> row = {
          "`" + card.measure + "`",
          short_number(card.clean.mean) + " ± " + short_number(card.clean.sd)};
      for (const auto& value : curve.values) row.push_back(value_cell(value));
      row.push_back(expected_words(curve.expected));
      row.push_back(cell_of(curve));
      text += table_row(row);
    }
  }
  return text;
}

std::string embedded_table(const Validation& validation) {
  if (validation.embedded.empty()) return "";
  std::string text =
      "\n## Counted modes against true ones\nImages of the embedded set, whose shapes are known, "
      "under its own judge.\n\n";
  const std::vector<std::string> header = {"true modes", "`modes`", "true KL", "`mode_kl`",
                                           "shapes named right"};
  text += table_row(header) + rule_row(header.size());
  for (const auto& row : validation.embedded) {
    text += table_row({std::to_string(row.true_modes), short_number(row.counted),
                       short_number(row.true_kl), short_number(row.measured_kl),
                       fmt::format("{:.1f}%", 100 * row.agreement)});
  }
  return text;
}

Json curves_json(const Validation& validation) {
  Json list = Json::array();
  for (const auto& curve : validation.curves) {
    Json values = Json::array();
    for (const auto& value : curve.values) values.push_back(number_or_null(value));
    list.push_back({{"defect", curve.defect},
                    {"measure", curve.measure},
                    {"values", values},
                    {"expected", expected_words(curve.expected)},
                    {"verdict", verdict_words(curve.verdict)},
                    {"seen_from", number_or_null(curve.seen_from)}});
  }
  return list;
}

}  // namespace

Json validation_json(const Validation& validation) {
  Json defects = Json::array(), clean = Json::object(), embedded = Json::array();
  for (auto defect : validation.cards.defects) defects.push_back(settings_to_json(defect));
  for (auto card : validation.cards.cards) clean[card.measure] = settings_to_json(card.clean);
  for (const auto& row : validation.embedded) {
    embedded.push_back({{"true_modes", row.true_modes},
                        {"modes", row.counted},
                        {"true_kl", row.true_kl},
                        {"mode_kl", row.measured_kl},
                        {"agreement", row.agreement}});
  }
  return {{"schema_version", 1},
          {"protocol", validation.cards.protocol},
          {"threshold", validation.cards.threshold},
          {"defects", defects},
          {"clean", clean},
          {"curves", curves_json(validation)},
          {"embedded_modes", embedded}};
}

std::string validation_markdown(const Validation& validation) {
  const auto& protocol = validation.cards.protocol;
  std::string text = "# The measures, measured\n\n";
  text += fmt::format(
      "Real images of {} ({}) under {}, {} a set, compared with {} others; {} held out; seed {}. "
      "Detector SHA-256 {}, data SHA-256 {}. {} undamaged sets give each measure's mean and "
      "standard "
      "deviation; a change of {:g} of them counts as seen.\n\n{}\n\n![curves](validation.svg)\n\n",
      protocol.at("data").get<std::string>(), protocol.at("split").get<std::string>(),
      protocol.at("detector").get<std::string>(), protocol.at("n_fake").get<int64_t>(),
      protocol.at("n_real").get<int64_t>(), protocol.at("n_heldout").get<int64_t>(),
      protocol.at("seed").get<std::uint64_t>(), protocol.at("detector_digest").get<std::string>(),
      protocol.at("data_digest").get<std::string>(), protocol.at("clean_subsets").get<int64_t>(),
      validation.cards.threshold, kVerdictKey);
  text += verdict_table(validation) + embedded_table(validation) + "\n## Values\n";
  for (const auto& defect : validation.cards.defects) text += defect_table(validation, defect);
  return text;
}

}  // namespace ganselect
