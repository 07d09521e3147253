#include "selection/survey/survey_view.h"

#include "base/text.h"
#include "results/tables/method_notes.h"
#include "selection/survey/claims.h"

namespace ganselect {

const NamedTable<SurveyView>& survey_views() {
  static const NamedTable<SurveyView> table("survey view", {{"fcgan", {"C9"}},
                                                            {"conv-gan", {"C9"}},
                                                            {"dcgan", {"C7", "C9"}},
                                                            {"wgan", {"C10"}},
                                                            {"wgan-gp", {"C1", "C4", "C5"}},
                                                            {"fgan-kl", {"C8"}},
                                                            {"fgan-squared-hellinger", {"C8"}},
                                                            {"fgan-gan", {"C8"}},
                                                            {"lsgan", {"C1"}},
                                                            {"rsgan", {"C1"}},
                                                            {"rsgan-gp", {"C4", "C5"}},
                                                            {"rlsgan", {"C2"}},
                                                            {"ralsgan", {"C2"}},
                                                            {"loss-sensitive-gan", {"C3"}},
                                                            {"sngan", {"C1", "C3", "C6"}}});
  return table;
}

std::optional<std::string> survey_says(const std::string& candidate) {
  const auto* view = survey_views().find(candidate);
  if (view == nullptr) return std::nullopt;
  std::vector<std::string> parts;
  for (const auto& claim : view->claims)
    parts.push_back(claim + ": " + claim_specs().at(claim).claim);
  return join(parts, "; ");
}

std::vector<KnownNote> known_notes(const RecordCandidate& candidate) {
  std::vector<KnownNote> notes;
  if (const auto* loss = loss_notes().find(candidate.loss))
    notes.push_back({"this loss", "made against " + loss->addresses, loss->source});
  for (const auto& name : candidate.regularization) {
    if (const auto* one = regularizer_notes().find(name))
      notes.push_back({name, "made against " + one->addresses, one->source});
  }
  return notes;
}

Json known_notes_json(const RecordCandidate& candidate) {
  Json json = Json::array();
  for (const auto& note : known_notes(candidate))
    json.push_back({{"of", note.of}, {"says", note.says}, {"source", note.source}});
  return json;
}

}  // namespace ganselect
