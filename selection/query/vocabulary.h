// The words that a free-text query may use, as data: query.h says how they are put together.
// A phrase is words in lower case; a word that ends in '*' stands for every word that begins so.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ganselect {

/// What a phrase does in a query.
enum class WordKind {
  kIgnored,        // says nothing about the use case: "which", "gan", "please"
  kCriterion,      // names criteria: "diverse", "mode collapse"
  kStrong,         // doubles the weight of what follows: "very", "above all"
  kStrongAfter,    // doubles the weight of what went before: "... is crucial"
  kMild,           // halves the weight of what follows: "some", "ideally"
  kMildAfter,      // halves the weight of what went before: "... is nice to have"
  kMore,           // "more": a comparison when "than" follows, else as kStrong with 1.5
  kLess,           // "less", "lower", "few": turns a wish round
  kPoor,           // "worst", "bad": the opposite of a wish
  kNot,            // "not", "avoid"
  kWithout,        // "without", "never": a negation that makes a hard constraint where there is one
  kUnneeded,       // "do not care about": no weight for what follows
  kNotNeeded,      // "does not need": the same; of labels: none to be had
  kUnneededAfter,  // "does not matter": no weight for what went before
  kThan,           // second half of "more A than B"
  kOver,           // "A over B", "A rather than B"
  kUnder,          // "A is secondary to B"
  kPrefer,         // "prefer A to B"
  kTo,             // see kPrefer
  kAnd,            // joins; a modifier may reach across
  kOr,             // joins; a negation reaches across too
  kComma,
  kBreak,         // ends the reach of every modifier: "but", ";"
  kOnly,          // candidates that follow are the only ones
  kExcept,        // candidates that follow are left out
  kLabels,        // labels are available and to be used
  kNoLabels,      // they are not
  kNotAvailable,  // turns labels that went before round
  kExtensions,    // candidates beyond the survey
  kSurveyOnly,    // none of those
  kDataset,       // a data set's name
};

/// One meaning with the phrases that carry it.
struct VocabularyRow {
  WordKind kind = WordKind::kIgnored;
  std::string phrases;                          ///< joined by '|'
  std::map<std::string, double> criteria = {};  ///< kCriterion: what is wished for, with shares
  bool unwanted = false;   ///< the phrase names the trouble ("blurry") or the expense ("cost")
  bool adjective = false;  ///< "not stable" is ambiguous where "no diversity" is not
  bool expense = false;    ///< with `unwanted`: more of it is not a complaint but a nonsense wish
  bool forbids_failure = false;  ///< "without ..." allows no diverged or collapsed trial
  bool plural = false;  ///< kUnneededAfter, kStrongAfter: "do not matter" reaches across "and"
  double factor = 1.0;  ///< kStrong..kMildAfter, kMore: of the weight; kOver, kUnder: the ratio
  std::string dataset = {};   ///< kDataset: its name
  bool needs_labels = false;  ///< kCriterion: cannot be had without class labels
};

/// Every row; a phrase stands in one row only.
const std::vector<VocabularyRow>& vocabulary();

/// The phrases of a row, each as its words.
std::vector<std::vector<std::string>> phrases_of(const VocabularyRow& row);

/// Other names of candidates: "wasserstein gan" -> wgan. A family names several.
struct CandidateAlias {
  std::string phrase;
  std::vector<std::string> names;
};
const std::vector<CandidateAlias>& candidate_aliases();

}  // namespace ganselect
