// The survey's four questions, answered for a use case from controlled comparisons: trials whose
// points differ in one decision parameter alone. Then the search space that the answers leave.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "results/records/summary.h"
#include "selection/ranking/ranking.h"
#include "selection/survey/claims.h"
#include "selection/survey/contrasts.h"

namespace ganselect {

/// What the survey holds of one question, in the form a measurement can be held against.
struct QuestionSpec {
  std::string name;  ///< id; also the decision parameter it is about
  std::string question;
  std::string evidence;  ///< what is needed to answer it
  std::string survey;    ///< the survey's answer in our own words
  /// Values that the survey recommends; a value holds several regularizers joined by '+', of which
  /// one is enough.
  std::vector<std::string> survey_values;
  /// True: the survey holds these values to be alike, so that none is needed.
  bool survey_says_equal = false;
};

/// architecture, loss, regularization, divergence.
const NamedTable<QuestionSpec>& question_specs();

/// One value of the parameter against all others it can be compared with.
struct ValueEffect {
  std::string value;
  double effect = 0.0;  ///< mean difference of the use case's score to the others
  std::optional<Interval> interval95;
  std::size_t seeds = 0;
  bool eliminated = false;  ///< worse than the answer beyond its interval, in a clean comparison
};

struct QuestionAnswer {
  std::string name, question;
  std::optional<std::string> answer;  ///< the recommended value
  std::string basis;                  ///< how it was found, a sentence
  std::optional<double> effect;  ///< of the answer against the others, in score points (0 to 1)
  std::optional<Interval> interval95;
  std::vector<std::string> trials;  ///< ids of the trials compared
  std::string survey_answer;
  std::string verdict;                   ///< supports, contradicts, undecided
  std::string reason;                    ///< why undecided, or what the verdict rests on
  std::string method;                    ///< the test that decides; empty where none could be made
  std::optional<double> standard_error;  ///< of the difference tested, in score points
  std::optional<double> degrees;         ///< of freedom
  std::optional<double> p_value;         ///< uncorrected, of `method`
  std::optional<double> p_corrected;     ///< by Holm over the questions that could be tested
  std::optional<double> p_t, p_sign_flip;  ///< uncorrected, where both exist
  std::vector<ValueEffect> values;         ///< best first
  /// Whether what the survey recommends has the lower FID in published studies.
  std::optional<LiteratureVerdict> literature = {};
  std::string literature_reason = {};  ///< why there is none
};

/// Answers all four for the use case behind `ranking`; `literature` is asked by their names.
std::vector<QuestionAnswer> answer_questions(const Evidence& evidence, const Ranking& ranking,
                                             const LiteratureSource& literature = {});

/// What is left of the search space.
struct RemainingSpace {
  std::size_t total = 0;
  std::vector<std::string> remaining;  ///< names of the points, in their order
  std::size_t constrained = 0;         ///< struck by a constraint of the use case
  std::size_t beaten = 0;              ///< struck by a controlled comparison
};

/// What may strike a point besides the answers.
struct SpaceLimits {
  std::vector<Constraint> constraints;
  std::vector<std::string> excluded;  ///< candidates that were measured and failed a constraint
  std::vector<Json> known;            ///< candidate objects, to know a point by its name
};

/// Strikes from `points` (candidate objects of all valid points) those that are barred, then those
/// with a value that a controlled comparison found worse. Where nothing is decided, nothing is
/// struck. A point is known under the name of every candidate that has its four parameters.
RemainingSpace remaining_space(const std::vector<Json>& points,
                               const std::vector<QuestionAnswer>& answers,
                               const SpaceLimits& limits = {});

}  // namespace ganselect
