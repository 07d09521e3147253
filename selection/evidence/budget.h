// Trials as they stood at the budget that was asked for: in so many updates, in so much time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace ganselect {

struct Evidence;
struct CandidateEvidence;

struct AskedBudget {
  std::optional<std::int64_t> updates;
  std::optional<double> seconds;

  bool empty() const { return !updates && !seconds; }
};

/// Which checkpoint of each candidate answers.
struct BudgetUse {
  AskedBudget asked;
  std::map<std::string, std::int64_t> steps;  ///< by candidate; one without any is not there
};

/// Mean training seconds of the candidate's trials: its updates over its speed alone where that
/// counts, else as the trials measured them. Nothing where they did not.
std::optional<double> mean_train_seconds(const CandidateEvidence& candidate);

/// Puts in each trial's place what it was at the candidate's last checkpoint within the budget, the
/// same for all its seeds, and says so in `description` and `budget`. A candidate that was first
/// measured later keeps its trials and says why it is out (beyond_budget). Before criteria are
/// scored.
void cut_to_budget(const AskedBudget& asked, Evidence& evidence);

}  // namespace ganselect
