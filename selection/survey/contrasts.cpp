#include "selection/survey/contrasts.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace ganselect {
namespace {

bool switch_of(const RecordCandidate& candidate, const char* key, const char* word) {
  const auto found = candidate.json.find(key);
  if (found != candidate.json.end() && found->is_boolean()) return found->get<bool>();
  const auto& list = candidate.regularization;
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string architecture_value(const RecordCandidate& candidate) { return candidate.architecture; }
std::string loss_value(const RecordCandidate& candidate) { return candidate.loss; }
std::string divergence_value(const RecordCandidate& candidate) {
  return candidate.divergence.value_or("");
}

std::string regularization_value(const RecordCandidate& candidate) {
  auto words = plain_regularizers(candidate);
  const auto norms = batch_norms(candidate);
  if (norms.g) words.push_back("batch-norm-g");
  if (norms.d) words.push_back("batch-norm-d");
  return words.empty() ? "none" : join(words, "+");
}

std::string text_field(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) {
    fail(ErrorKind::kData, {.where = "candidate",
                            .expected = std::string("a text under '") + key + "'",
                            .got = found == json.end() ? "nothing" : found->dump()});
  }
  return found->get<std::string>();
}

// A point that sets batch norm otherwise than its architecture does; a name's own words do not.
bool switches_batch_norm(const RecordCandidate& candidate) {
  const auto& words = candidate.regularization;
  return is_point(candidate) && std::any_of(words.begin(), words.end(), is_batch_norm_word);
}

bool same_but(const RecordCandidate& a, const RecordCandidate& b, const std::string& parameter) {
  for (const auto& other : decision_parameters()) {
    if (other.name == parameter) continue;
    if (other.name == "regularization" && parameter == "architecture") {
      if (plain_regularizers(a) != plain_regularizers(b)) return false;
      // Each as it is: one that was robbed of its batch norm does not stand for its architecture.
      if (switches_batch_norm(a) || switches_batch_norm(b)) return false;
    } else if (other.value(a) != other.value(b)) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> further_differences(const RecordCandidate& a, const RecordCandidate& b,
                                             const std::string& parameter) {
  std::vector<std::string> keys;
  for (const char* key : {"optimizer", "n_critic"}) {
    if (a.json.value(key, Json()) != b.json.value(key, Json())) keys.emplace_back(key);
  }
  const bool batch_norm_is_the_question =
      parameter == "architecture" || plain_regularizers(a) == plain_regularizers(b);
  if (!batch_norm_is_the_question && !(batch_norms(a) == batch_norms(b)))
    keys.emplace_back("batch norm");
  return keys;
}

// Trials and the parameters they stand for; under every name that they have.
struct View {
  const CandidateEvidence* trials;
  const RecordCandidate* candidate;
};

std::vector<View> views_of(const Evidence& evidence) {
  std::vector<View> views;
  for (const auto& one : evidence.candidates) {
    if (!one.trials.empty()) views.push_back({&one, &one.candidate()});
  }
  for (const auto& other : evidence.other_names)
    views.push_back({&evidence.candidates[other.trained], &other.candidate});
  return views;
}

}  // namespace

const NamedTable<DecisionParameter>& decision_parameters() {
  static const NamedTable<DecisionParameter> table("decision parameter",
                                                   {{"architecture", architecture_value},
                                                    {"loss", loss_value},
                                                    {"regularization", regularization_value},
                                                    {"divergence", divergence_value}});
  return table;
}

BatchNorms batch_norms(const RecordCandidate& candidate) {
  return {switch_of(candidate, "batch_norm_g", "batch-norm-g"),
          switch_of(candidate, "batch_norm_d", "batch-norm-d")};
}

RecordCandidate candidate_from_json(const Json& json) {
  RecordCandidate candidate;
  candidate.name = text_field(json, "name");
  candidate.architecture = text_field(json, "architecture");
  candidate.loss = text_field(json, "loss");
  const auto regularization = json.find("regularization");
  if (regularization != json.end() && regularization->is_array())
    candidate.regularization = regularization->get<std::vector<std::string>>();
  const auto divergence = json.find("divergence");
  if (divergence != json.end() && divergence->is_string())
    candidate.divergence = divergence->get<std::string>();
  candidate.extension = json.value("extension", false);
  candidate.json = json;
  return candidate;
}

std::vector<Contrast> controlled_pairs(const Evidence& evidence, const std::string& parameter) {
  const auto& row = decision_parameters().at(parameter);
  const auto views = views_of(evidence);
  std::vector<Contrast> pairs;
  for (std::size_t i = 0; i < views.size(); ++i) {
    for (std::size_t j = i + 1; j < views.size(); ++j) {
      // Names of their own, since a lambda may not take those of a structured binding.
      const auto* first = views[i].trials;
      const auto* a = views[i].candidate;
      const auto* second = views[j].trials;
      const auto* b = views[j].candidate;
      if (first == second || first->uses_labels() != second->uses_labels()) continue;
      const auto a_value = row.value(*a), b_value = row.value(*b);
      if (a_value == b_value || !same_but(*a, *b, parameter)) continue;
      const bool known = std::any_of(pairs.begin(), pairs.end(), [&](const Contrast& one) {
        return one.first == first && one.second == second && one.first_value == a_value &&
               one.second_value == b_value;
      });
      if (known) continue;
      pairs.push_back({first, second, a_value, b_value, further_differences(*a, *b, parameter)});
    }
  }
  return pairs;
}

BySeed mean_by_seed(const std::vector<std::pair<std::uint64_t, double>>& values) {
  std::map<std::uint64_t, std::pair<double, std::size_t>> sums;
  for (const auto& [seed, value] : values) {
    auto& [sum, n] = sums[seed];
    sum += value;
    ++n;
  }
  BySeed means;
  for (const auto& [seed, sum] : sums) means[seed] = sum.first / static_cast<double>(sum.second);
  return means;
}

BySeed values_by_seed(const CandidateEvidence& candidate, const TrialValue& value) {
  std::vector<std::pair<std::uint64_t, double>> values;
  for (const auto& trial : candidate.trials) {
    if (const auto x = value(trial)) values.emplace_back(trial.record->seed, *x);
  }
  return mean_by_seed(values);
}

BySeed seed_differences(const BySeed& first, const BySeed& second) {
  BySeed differences;
  for (const auto& [seed, value] : first) {
    const auto other = second.find(seed);
    if (other != second.end()) differences[seed] = value - other->second;
  }
  return differences;
}

BySeed average_by_seed(const std::vector<BySeed>& differences) {
  double sum_of_means = 0.0;
  std::size_t contrasts = 0;
  std::optional<std::uint64_t> least_seed;
  std::map<std::uint64_t, std::pair<double, std::size_t>> deviations;
  for (const auto& one : differences) {
    if (one.empty()) continue;
    const auto values = plain_values(one);
    const double mean =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    sum_of_means += mean;
    ++contrasts;
    least_seed = std::min(least_seed.value_or(one.begin()->first), one.begin()->first);
    if (one.size() < 2) continue;
    for (const auto& [seed, value] : one) {
      deviations[seed].first += value - mean;
      ++deviations[seed].second;
    }
  }
  if (contrasts == 0) return {};
  const double effect = sum_of_means / static_cast<double>(contrasts);
  if (deviations.empty()) return {{*least_seed, effect}};
  BySeed means;
  double off = 0.0;
  for (const auto& [seed, sum] : deviations) {
    means[seed] = sum.first / static_cast<double>(sum.second);
    off += means[seed] / static_cast<double>(deviations.size());
  }
  for (auto& [seed, value] : means) value += effect - off;
  return means;
}

std::vector<double> plain_values(const BySeed& values) {
  std::vector<double> plain;
  for (const auto& [seed, value] : values) plain.push_back(value);
  return plain;
}

}  // namespace ganselect
