// Which further trials would make the answer surer, and the trials of the search space that is
// left: both as plans for `ganselect sweep`, comparable with the trials at hand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "selection/ranking/ranking.h"
#include "selection/survey/questions.h"

namespace ganselect {

/// The trials that would reduce the uncertainty of the answer most for their training time.
struct NextTrials {
  Json plan = Json::object();  ///< for `ganselect sweep`
  std::size_t trials = 0;
  std::map<std::string, std::size_t> by_candidate;
  /// Training seconds by the measured generator updates a second; absent where one has none.
  std::optional<double> estimated_seconds;
  /// Score points that taking the leader may lose: now, and with these trials if the means stay.
  /// Absent where a spread over seeds is not known yet.
  std::optional<double> loss_now, loss_then;
  std::string why;
};

/// Expected loss of taking the first of two candidates whose scores differ by `gap` (first minus
/// second) with standard error `error`: E max(0, -X), X normal (`gap`, `error`).
double expected_loss(double gap, double error);

/// Nothing when the leader is decided or nobody is ranked. Candidates that may be best get three
/// seeds first, since a spread cannot be judged by fewer. Beyond that trials are chosen one by one:
/// the one that lowers the sum over rivals of expected_loss most a second of training (a trial,
/// where times are not known), up to twelve, until the loss is below 0.001 score points.
std::optional<NextTrials> next_trials(const Ranking& ranking);

/// The points that are left as a plan, one trial each with the first seed at hand; empty object
/// when nothing is left or there is no trial whose settings could be taken.
Json space_plan(const Evidence& evidence, const RemainingSpace& space);

}  // namespace ganselect
