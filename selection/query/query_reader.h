// The walk over a query's lexemes that query.h describes; for query.cpp alone.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "selection/query/query.h"
#include "selection/query/query_words.h"

namespace ganselect {

/// What a criterion's word came out as.
enum class Wish {
  kWanted,
  kUnneeded,
  kRefused,
  kMeans,  // it names what there is to train on: "an hour on a laptop"
};

// A criterion's word with what its modifiers made of it.
struct Mention {
  const VocabularyRow* row = nullptr;
  std::string text;
  Wish wish = Wish::kWanted;
  double factor = 1.0;
  std::optional<double> share;
  bool compared = false;  // "more" belongs to a comparison
  bool more = false;
  bool negated = false;
  bool opposite = false;   // kRefused: unless it is a complaint
  bool secondary = false;  // "is secondary"
  std::size_t group = 0;   // mentions joined by "and"
  std::string why;         // of a refusal
};

// Modifiers that wait for the next criterion.
struct Pending {
  double factor = 1.0;
  bool strong = false, less = false, poor = false, negated = false, strict = false;
  bool unneeded = false, not_needed = false, more = false;
  std::string words;
};

// A number that may be the weight of the criterion beside it.
struct Share {
  double value = 0.0;
  bool percent = false;
  std::size_t before = 0;  // mentions read before it
  std::string text;
};

struct Comparison {
  std::size_t heavier, lighter;  // indices of mentions
  double ratio;
};

// A GAN by name, where it is neither left out nor mentioned as a yardstick alone.
struct NamedGan {
  std::string name;  // as in records; of another GAN as people write it
  bool known = true;
};

// What the query says besides wishes, constraints and figures.
struct Topics {
  std::vector<const VocabularyRow*> decisions;
  std::vector<std::string> decision_texts;
  std::set<std::string> devices;
  std::vector<NamedGan> gans;
  bool twice = false;      // one of them was named again
  bool comparing = false;  // "or", "than", "versus"
  bool complaint = false, asking = false, beginner = false;
  bool unmeasured = false;  // something was asked that no question here is on
  bool yardstick = false;   // a candidate was mentioned as one
};

/// Throws kUsage with "[query]" in front.
[[noreturn]] void refuse_query(const std::string& expected, const std::string& got,
                               const std::string& hint = {});

// Walks over the lexemes once and collects what they say.
class QueryReader {
 public:
  /// `topics` holds what was asked for in phrases that the lexemes do not show.
  QueryReader(std::vector<Lexeme> lexemes, Topics topics, Reading& reading)
      : lexemes_(std::move(lexemes)), topics_(std::move(topics)), reading_(reading) {}

  void read();

 private:
  using Candidates = std::vector<std::string>;

  void step(std::size_t at);
  void take_word(std::size_t at);
  void take_modifier(const Lexeme& lexeme);
  void take_after(std::size_t at);
  bool leads_here(std::size_t at) const;
  void take_joint(std::size_t at);
  void take_criterion(std::size_t at);
  void take_candidate(const Lexeme& lexeme);
  void take_extensions(bool allowed);
  void take_labels(bool available);
  void take_filling();
  void turn_last_round();
  void judge(Mention& mention, std::size_t at);
  void reset();
  bool next_is_criterion(std::size_t at) const;
  void take_negation(const Lexeme& lexeme);
  void drop_pending(bool modifiers_lost);
  bool stands_alone(std::size_t at) const;
  void take_good(std::size_t at);
  bool take_beyond_wishes(std::size_t at);
  void take_topic(std::size_t at);
  void take_other_gan(const Lexeme& lexeme);
  void name_gans(const Lexeme& lexeme);
  void read_complaints();
  void finish_devices();
  bool compares_with_other_gan() const;
  void finish_comparison();
  void finish_question();
  bool compare_decisions();
  void finish_topics();
  bool asks_beyond_criteria() const;
  const Lexeme* next_meaningful(std::size_t at) const;
  void assign_shares();
  void apply_comparisons(std::map<std::string, double>& weights) const;
  void finish_weights();
  void soften_balanced(std::map<std::string, double>& weights);
  void finish_constraints();
  void refuse_mixed_wishes() const;
  std::string lone_criterion(const Mention& mention) const {
    return mention.row->criteria.begin()->first;
  }

  std::vector<Lexeme> lexemes_;
  Topics topics_;
  Reading& reading_;
  Pending pending_;
  Pending last_;  // what the last criterion was read with
  bool joined_ = false;
  std::vector<Mention> mentions_;
  std::vector<Comparison> comparisons_;
  std::vector<Share> shares_;
  std::optional<std::pair<std::size_t, double>> waiting_;  // left side of a comparison, ratio
  bool waiting_lighter_ = false;
  std::optional<std::size_t> more_at_;  // number of mentions when "more" was read
  bool more_is_less_ = false, prefer_ = false;
  WordKind last_flag_ = WordKind::kIgnored;  // kLabels or kExtensions: read just before
  WordKind cue_ = WordKind::kIgnored;        // kOnly or kExcept
  bool after_than_ = false;
  bool bare_in_clause_ = false;  // a candidate was mentioned since the last break
  Candidates only_, except_, bare_;
  std::optional<bool> labels_;
  bool labels_refused_ = false;
};

}  // namespace ganselect
