#include "selection/criteria/defects.h"

#include <filesystem>
#include <optional>

namespace ganselect {

const std::vector<std::string>& defect_names() {
  static const std::vector<std::string> names = {"collapse", "dropped-modes", "copies", "noise",
                                                 "ignored-labels"};
  return names;
}

// Recall's balls grow around stray samples, so noise passes; the Gaussian and the k-NN measures
// compare with the training images, so copies pass all of them. Precision and density notice
// nothing surely: flat or noisy images fall into the wide balls of stray training images (in the
// judge's space an fcgan that shows one class of ten has precision 0.99 and density 0.75, a dcgan
// that shows all ten 0.81 and 0.52).
const NamedTable<DefectCard>& defects_by_definition() {
  static const NamedTable<DefectCard> table(
      "defect card", {{"fid", {"collapse", "dropped-modes", "noise"}},
                      {"precision", {}},
                      {"density", {}},
                      {"inception_score_1split", {"collapse", "noise"}},
                      {"high_quality_share", {"noise"}},
                      {"coverage", {"collapse", "dropped-modes", "noise"}},
                      {"recall", {"collapse", "dropped-modes"}},
                      {"mode_kl", {"dropped-modes"}},
                      {"mode_entropy", {"collapse", "dropped-modes"}},
                      {"modes", {"dropped-modes"}},
                      {"ndb", {"collapse", "dropped-modes", "noise"}},
                      {"memorization", {"copies"}},
                      {"fid_gap", {"copies"}},
                      {"label_accuracy", {"noise", "ignored-labels"}},
                      {"worst_class_coverage", {"collapse", "dropped-modes", "noise"}},
                      {"fid_unseen", {"collapse", "dropped-modes", "noise"}},
                      {"coverage_unseen", {"collapse", "dropped-modes", "noise"}}});
  return table;
}

NamedTable<DefectCard> confirmed_cards(const MeasuredCards* measured) {
  std::vector<DefectCard> rows;
  for (const auto& card : defects_by_definition()) {
    DefectCard row{card.name, {}};
    for (const auto& defect : card.sees) {
      const auto shown = measured == nullptr ? std::nullopt : measured->sees(card.name, defect);
      if (shown.value_or(true)) row.sees.push_back(defect);
    }
    rows.push_back(std::move(row));
  }
  return {"defect card", std::move(rows)};
}

const NamedTable<DefectCard>& defect_cards() {
  static const NamedTable<DefectCard> table = [] {
    const auto file = published_defect_cards();
    std::error_code code;
    if (!std::filesystem::exists(file, code)) return confirmed_cards(nullptr);
    const auto measured = load_defect_cards(file);
    return confirmed_cards(&measured);
  }();
  return table;
}

}  // namespace ganselect
