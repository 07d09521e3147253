// The words that a free-text query may use, as data: query/vocabulary.json, embedded at build time.
// query.h says how they are put together. A phrase is words in lower case; a word that ends in '*'
// stands for every word that begins so.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

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
  kFills,         // hidden parts of given images are to be filled in
  kNotAvailable,  // turns labels that went before round
  kExtensions,    // candidates beyond the survey
  kSurveyOnly,    // none of those
  kDataset,       // a data set's name
  kDevice,        // what training runs on
  kDecision,      // a value of a decision parameter, or the parameter as asked for: "which loss"
  kUnmeasured,    // asked of what no question here is on: "which learning rate"
  kOutOfScope,    // a kind of data that is neither trained on nor measured: "time series"
  kOtherGan,      // a generative model that is not trained here
  kSubject,       // what the asker's images show
};

/// One meaning with the phrases that carry it.
struct VocabularyRow {
  WordKind kind = WordKind::kIgnored;
  std::vector<std::string> phrases;
  std::map<std::string, double> criteria = {};  ///< kCriterion: what is wished for, with shares
  bool unwanted = false;   ///< the phrase names the trouble ("blurry") or the expense ("cost")
  bool adjective = false;  ///< "not stable" is ambiguous where "no diversity" is not
  bool expense = false;    ///< with `unwanted`: more of it is not a complaint but a nonsense wish
  bool forbids_failure = false;  ///< "without ..." allows no diverged or collapsed trial
  bool plural = false;    ///< kUnneededAfter, kStrongAfter: "do not matter" reaches across "and"
  bool good = false;      ///< kStrong, kMild: where nothing follows it wishes for quality
  bool leads = false;     ///< kStrongAfter, kMildAfter: "first quality" as well as "quality first"
  bool compares = false;  ///< kOnly: the two candidates that follow are held against each other
  bool needs_labels = false;  ///< kCriterion: cannot be had without class labels
  double factor = 1.0;  ///< kStrong..kMildAfter, kMore: of the weight; kOver, kUnder: the ratio
  /// kDataset: its name; kUnmeasured, kOutOfScope, kOtherGan, kSubject: what is said of it.
  std::string name = {};
  std::string device = {};               ///< kDevice, kCriterion: "cpu" or "gpu"
  std::string decision = {};             ///< kDecision: one of the four parameters
  std::vector<std::string> values = {};  ///< kDecision: as in records; none: the parameter itself
};

/// Other names of candidates: "wasserstein gan" -> wgan. A family names several.
struct CandidateAlias {
  std::string phrase;
  std::vector<std::string> names;
};

/// A unit or noun of a figure: the constraint it belongs to, and what one of it is there.
struct UnitWords {
  std::string key;
  double factor = 1.0;
  std::vector<std::string> words;
};

/// Words on either side of a figure that make it a bound.
struct BoundPhrases {
  std::vector<std::string> upper_before, lower_before, upper_after, lower_after;
  std::vector<std::string> strictly_more;       ///< of lower_before: the figure itself is too few
  std::vector<std::string> no_bound_of_counts;  ///< of upper_before: "have 9 modes" bounds nothing
  std::vector<std::string> fillers;             ///< may stand between bound and figure
};

/// A measure that may be bounded by name.
struct MeasurePhrases {
  std::string key;
  std::vector<std::string> phrases;
};

/// A count that words leave open, and what is taken for it.
struct VagueCount {
  double count = 0.0;
  std::vector<std::string> phrases;
};

/// The words around numbers of training images and of updates.
struct CountPhrases {
  std::vector<std::string> image_nouns, image_adjectives;
  std::vector<std::string> image_containers;  ///< "dataset of"
  std::vector<std::string> made_not_shown;    ///< "generate 500 images" names no training images
  std::vector<std::string> batch_words;       ///< "a batch of 64 images" does not either
  std::vector<std::string> per_class;         ///< "50 images per class" is not how many there are
  std::vector<std::string> class_nouns;       ///< with "10 classes" it is
  std::vector<std::string> update_nouns, epoch_nouns;
};

struct Vocabulary {
  std::vector<VocabularyRow> rows;  ///< a phrase stands in one row only
  std::vector<CandidateAlias> aliases;
  std::vector<UnitWords> units;
  std::vector<UnitWords> leading_nouns;   ///< may stand before a bare number: "modes >= 9"
  std::vector<UnitWords> repeated_nouns;  ///< only repeat what a figure measures: "2 GB of memory"
  BoundPhrases bounds;
  std::vector<MeasurePhrases> measures;
  std::map<std::string, double> number_words, scales;   ///< "nine"; "thousand", "k"
  std::vector<VagueCount> vague_counts, plural_scales;  ///< "a few"; "hundreds"
  std::vector<VagueCount> vague_durations;              ///< "overnight", in seconds
  CountPhrases counts;
  std::vector<std::string> beginner_phrases;   ///< any GAN is asked for: "start with"
  std::vector<std::string> complaint_phrases;  ///< what follows is a trouble, not a wish
  std::vector<std::string> asking_phrases;     ///< with a decision's value: a question on it
  std::vector<std::string> recommended_nouns;  ///< "good ..." praises these, not the images
};

/// Reads a vocabulary. Throws kUsage, naming the place, for a key or kind that does not exist, a
/// value of the wrong type, a phrase that two rows carry or that no query could hold, and for a row
/// that lacks what its kind needs or has what its kind does not use.
Vocabulary parse_vocabulary(const Json& json, const std::string& where);

/// The program's own.
const Vocabulary& vocabulary();

/// The phrase's words.
std::vector<std::string> words_of(std::string_view phrase);

}  // namespace ganselect
