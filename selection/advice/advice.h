// The whole answer to "which GAN for ...?": reading, ranking, four questions, remaining space, and
// what would make it surer; as `ask --json` and for people.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"
#include "selection/advice/comparison.h"
#include "selection/advice/next_trials.h"
#include "selection/advice/published.h"
#include "selection/query/query.h"
#include "selection/ranking/ranking.h"
#include "selection/ranking/sensitivity.h"
#include "selection/survey/questions.h"

namespace ganselect {

struct AdviceInput {
  std::string query;                    ///< as typed; with `use_case`, only shown
  std::optional<UseCase> use_case;      ///< stated exactly, so that nothing is read from words
  std::optional<std::string> dataset;   ///< with `use_case`: look at this data set alone
  std::optional<std::size_t> group;     ///< comparable group to answer from; absent: the largest
  std::vector<Json> space;              ///< candidate objects of all valid points
  std::vector<std::string> candidates;  ///< names that exist beyond those in the records
  std::vector<Json> known;              ///< candidate objects, to find their points in `space`
  std::vector<std::string> warnings;    ///< of the loading: records left out
  std::vector<Baseline> baselines;      ///< noise and real images, beside which scores are read
  /// Published studies, looked at as evidence_from says; none: they are not.
  std::shared_ptr<const PublishedStudies> studies;
  std::string evidence_from = "both";  ///< a row of evidence_kinds()
  LiteratureSource literature;         ///< on the four questions; nothing: not asked
  RankingSettings ranking;
};

/// Everything the answer rests on; points into `evidence`, so it is moved as a whole.
struct Advice {
  Reading reading;
  Evidence evidence;
  Ranking ranking;
  std::vector<QuestionAnswer> questions;
  RemainingSpace space;
  std::optional<PublishedEvidence> published;  ///< absent: not looked at
  std::optional<ComparisonAnswer> comparison;  ///< where two GANs are held against each other
  std::optional<ClosestCall> closest_call;
  std::optional<NextTrials> next;
  std::vector<std::string> warnings;
  std::string method;

  Advice() = default;
  Advice(Advice&&) = default;
  Advice& operator=(Advice&&) = default;
  Advice(const Advice&) = delete;
  Advice& operator=(const Advice&) = delete;
};

/// True when the use case weighs or limits times or memory, which may not be compared between
/// machines; other wishes do not care.
bool needs_one_machine(const UseCase& use_case);

/// Answers from `records`, which must outlive the result. Throws kUsage for a query or use case
/// that cannot be used, kData when there is no trial, kProtocol when none of several protocols
/// stands out.
Advice advise(std::span<const Record> records, const AdviceInput& input);

/// Looks at published studies as `input.evidence_from` says, for an answer that was made from own
/// trials alone. advise() does it for its own.
void consult_published(Advice& advice, const AdviceInput& input);

/// The object of `ask --json`.
Json advice_to_json(const Advice& advice);

/// A page for people; ends with a newline.
std::string advice_to_text(const Advice& advice);

}  // namespace ganselect
