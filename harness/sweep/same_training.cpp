#include "harness/sweep/same_training.h"

#include <algorithm>
#include <map>
#include <string>

#include "models/candidate_json.h"

namespace ganselect {
namespace {

std::string same_training_of(const Json& candidate) {
  const auto same = candidate.find("same_training");
  return same != candidate.end() && same->is_string() ? same->get<std::string>()
                                                      : candidate.at("name").get<std::string>();
}

// 0 stands before 1 before 2.
int order_of(const TrainSettings& trial, const CandidateOf& candidate_of) {
  if (trial.point.find('/') != std::string::npos) return 2;
  return same_training_of(candidate_of(trial)) == trial.point ? 0 : 1;
}

}  // namespace

Json recorded_candidate(const TrainSettings& settings) {
  return candidate_to_json(resolve_candidate(settings));
}

Json training_identity(const TrainSettings& settings, const CandidateOf& candidate_of) {
  Json candidate = candidate_of(settings);
  if (const auto same = same_training_of(candidate); same != candidate.at("name")) {
    TrainSettings other = settings;
    other.point = same;
    candidate = candidate_of(other);
  }
  for (const char* key :
       {"name", "tables", "extension", "source", "code", "notes", "same_training"})
    candidate.erase(key);
  // Batch norm's switches stand beside these words, as they were built.
  Json words = Json::array();
  for (const auto& word : candidate.at("regularization")) {
    const auto text = word.get<std::string>();
    if (text != "none" && text.find("batch-norm") == std::string::npos) words.push_back(text);
  }
  std::sort(words.begin(), words.end());
  candidate["regularization"] = std::move(words);
  Json identity = {{"candidate", std::move(candidate)}, {"settings", identity_json(settings)}};
  identity["settings"].erase("point");
  return identity;
}

std::vector<std::size_t> standing_trials(const std::vector<TrainSettings>& trials,
                                         const CandidateOf& candidate_of) {
  std::map<std::string, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < trials.size(); ++i)
    alike[training_identity(trials[i], candidate_of).dump()].push_back(i);
  std::vector<std::size_t> standing(trials.size());
  for (const auto& [identity, members] : alike) {
    const auto first =
        *std::min_element(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
          return std::pair(order_of(trials[a], candidate_of), a) <
                 std::pair(order_of(trials[b], candidate_of), b);
        });
    for (const auto member : members) standing[member] = first;
  }
  return standing;
}

}  // namespace ganselect
