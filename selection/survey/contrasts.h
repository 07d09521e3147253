// Pairs of candidates that differ in one decision parameter alone, and their differences by seed:
// what questions and claims rest on.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/records/groups.h"
#include "results/records/summary.h"
#include "selection/evidence/evidence.h"

namespace ganselect {

/// One of the survey's four decision parameters of a candidate.
struct DecisionParameter {
  std::string name;  ///< architecture, loss, regularization, divergence
  std::string (*value)(const RecordCandidate&);
};

/// The four, in the survey's order. The value of regularization names the regularizers in
/// alphabetical order and then the batch norms, "none" for neither; of divergence, "" where the
/// loss has none to choose.
const NamedTable<DecisionParameter>& decision_parameters();

/// The batch norm switches of generator and critic.
struct BatchNorms {
  bool g = false, d = false;
  bool operator==(const BatchNorms&) const = default;
};
BatchNorms batch_norms(const RecordCandidate& candidate);

/// The four parameters of a candidate object as `list --json` gives it; kData when one is missing.
RecordCandidate candidate_from_json(const Json& json);

/// Two candidates that differ in one parameter.
struct Contrast {
  const CandidateEvidence* first = nullptr;
  const CandidateEvidence* second = nullptr;
  std::string first_value, second_value;
  std::vector<std::string>
      also_differ;  ///< "optimizer", "n_critic", "batch norm": not quite controlled
};

/// All pairs of candidates that differ in `parameter` alone, each pair once. Batch norm counts to
/// regularization; architectures bring their own, so there it may differ where neither side
/// switches it. Trials stand under every name of their training (Evidence::other_names).
std::vector<Contrast> controlled_pairs(const Evidence& evidence, const std::string& parameter);

/// A number for each seed.
using BySeed = std::map<std::uint64_t, double>;

/// Value of a trial; trials for which it is absent are left out.
using TrialValue = std::function<std::optional<double>(const TrialEvidence&)>;

/// The mean of the values of each seed.
BySeed mean_by_seed(const std::vector<std::pair<std::uint64_t, double>>& values);

/// The candidate's values by seed; trials of one seed are averaged.
BySeed values_by_seed(const CandidateEvidence& candidate, const TrialValue& value);

/// first - second for each seed that both have.
BySeed seed_differences(const BySeed& first, const BySeed& second);

/// Several contrasts as one, seed by seed: the mean of the contrasts' means, plus for each seed
/// what it differs from its contrasts' means on average. So a seed that only some contrasts have
/// brings its luck and not their effects. Contrasts of one seed count to the mean alone; where all
/// are such, one value is left, under their smallest seed.
BySeed average_by_seed(const std::vector<BySeed>& differences);

std::vector<double> plain_values(const BySeed& values);

}  // namespace ganselect
