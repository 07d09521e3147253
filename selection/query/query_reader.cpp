// The walk itself: each lexeme changes what the next criterion will be read with. What all of them
// come to stands in query_weights.cpp.
#include "selection/query/query_reader.h"

#include <algorithm>

namespace ganselect {
namespace {

// The least that "more A than B" can mean.
constexpr double kComparisonRatio = 2.0;

}  // namespace

[[noreturn]] void refuse_query(const std::string& expected, const std::string& got,
                               const std::string& hint) {
  fail(ErrorKind::kUsage, {.where = "query", .expected = expected, .got = got, .hint = hint});
}

const Lexeme* QueryReader::next_meaningful(std::size_t at) const {
  for (std::size_t i = at + 1; i < lexemes_.size(); ++i) {
    if (!lexemes_[i].is(WordKind::kIgnored)) return &lexemes_[i];
  }
  return nullptr;
}

void QueryReader::drop_pending(bool modifiers_lost) {
  if (modifiers_lost && !pending_.words.empty() &&
      (pending_.less || pending_.poor || pending_.negated || pending_.unneeded ||
       pending_.not_needed))
    reading_.notes.push_back("\"" + pending_.words + "\" had no effect");
  pending_ = {};
}

void QueryReader::reset() {
  drop_pending(true);
  waiting_.reset();
  more_at_.reset();
  prefer_ = false;
  cue_ = WordKind::kIgnored;
  after_than_ = false;
  bare_in_clause_ = false;
  joined_ = false;
}

void QueryReader::take_modifier(const Lexeme& lexeme) {
  const auto& row = *lexeme.row;
  pending_.words += (pending_.words.empty() ? "" : " ") + lexeme.text;
  switch (row.kind) {
    case WordKind::kStrong:
      pending_.strong = true;
      pending_.factor = std::max(pending_.factor, row.factor);
      break;
    case WordKind::kMild:
      pending_.factor = row.factor;
      break;
    case WordKind::kMore:
    case WordKind::kLess:
      more_at_ = mentions_.size();
      more_is_less_ = row.kind == WordKind::kLess;
      (more_is_less_ ? pending_.less : pending_.more) = true;
      break;
    case WordKind::kPoor:
      pending_.poor = true;
      break;
    case WordKind::kNot:
      pending_.negated = true;
      break;
    case WordKind::kWithout:
      pending_.negated = pending_.strict = true;
      break;
    case WordKind::kUnneeded:
      pending_.unneeded = true;
      break;
    default:
      pending_.not_needed = true;
      break;
  }
}

bool QueryReader::next_is_criterion(std::size_t at) const {
  const Lexeme* next = next_meaningful(at);
  return next != nullptr && next->is(WordKind::kCriterion);
}

void QueryReader::take_negation(const Lexeme& lexeme) {
  pending_.negated = true;
  pending_.words = lexeme.text;
}

// "first quality, second diversity": at the beginning of a clause such a word speaks of what
// follows.
bool QueryReader::leads_here(std::size_t at) const {
  if (!lexemes_[at].row->leads || !next_is_criterion(at)) return false;
  std::size_t before = at;
  while (before > 0 && lexemes_[before - 1].is(WordKind::kIgnored)) --before;
  if (before == 0) return true;
  const auto& last = lexemes_[before - 1];
  return last.is(WordKind::kComma) || last.is(WordKind::kAnd) || last.is(WordKind::kBreak);
}

// Phrases that speak of what went before them.
void QueryReader::take_after(std::size_t at) {
  const auto& lexeme = lexemes_[at];
  if (leads_here(at)) {
    pending_.words += (pending_.words.empty() ? "" : " ") + lexeme.text;
    pending_.factor = lexeme.row->factor;
    pending_.strong = lexeme.is(WordKind::kStrongAfter);
    return;
  }
  if (mentions_.empty()) {
    if (lexeme.is(WordKind::kUnneededAfter) && labels_) labels_.reset();
    return;
  }
  for (std::size_t i = 0; i < mentions_.size(); ++i) {
    auto& mention = mentions_[i];
    const bool meant = i + 1 == mentions_.size() ||
                       (lexeme.row->plural && mention.group == mentions_.back().group);
    if (!meant) continue;
    if (lexeme.is(WordKind::kUnneededAfter)) {
      mention.wish = Wish::kUnneeded;
    } else {
      mention.factor = lexeme.row->factor;
      mention.secondary = lexeme.is(WordKind::kMildAfter);
    }
  }
}

// "not unstable", "low cost", "without blur", "not diverse enough": what is wished for?
void QueryReader::judge(Mention& mention, std::size_t at) {
  const auto& row = *mention.row;
  const auto& p = pending_;
  const Lexeme* next = next_meaningful(at);
  const bool enough = next != nullptr && next->text == "enough";
  if (p.unneeded) {
    mention.wish = Wish::kUnneeded;
    return;
  }
  const bool low = p.less || p.poor;
  const bool negated = p.negated || p.not_needed;
  mention.negated = negated;
  if (row.unwanted) {
    // "low cost" is as strong a wish as "high quality".
    if (low && row.expense) mention.factor = std::max(mention.factor, 1.5);
    const bool wants_trouble =
        (row.expense || p.poor)
            ? p.strong && !low
            : (p.strong && p.factor >= 2.0 && p.words.starts_with("most")) || p.more;
    if (wants_trouble && !negated) {
      mention.wish = Wish::kRefused;
      mention.opposite = true;
      mention.why = "the opposite of what can be ranked for";
    }
    if (low && negated && !p.poor) mention.wish = p.not_needed ? Wish::kUnneeded : Wish::kRefused;
    if (mention.wish == Wish::kRefused && mention.why.empty()) mention.why = "a double negation";
    return;
  }
  if (low && !negated) {
    mention.wish = Wish::kRefused;
    mention.opposite = true;
    mention.why = "the opposite of what can be ranked for";
  } else if (negated && !low && !enough) {
    const bool ambiguous = p.negated && !p.not_needed && row.adjective;
    mention.wish = ambiguous ? Wish::kRefused : Wish::kUnneeded;
    if (ambiguous) mention.why = "a complaint or a matter of indifference";
  }
}

void QueryReader::take_criterion(std::size_t at) {
  const auto& lexeme = lexemes_[at];
  if (joined_) {
    // Right after "and", "or" or a comma the modifiers of the last criterion go on, where they make
    // sense.
    if (pending_.words.empty()) {
      pending_.factor = last_.factor;
      pending_.unneeded = last_.unneeded;
      const bool trouble = lexeme.row->unwanted;
      pending_.less = last_.less && trouble && lexeme.row->expense;
      pending_.negated = last_.negated && trouble;
      pending_.strict = last_.strict && trouble;
      pending_.not_needed = last_.not_needed;
      pending_.words = last_.words;
    }
  }
  Mention mention;
  mention.row = lexeme.row;
  mention.text = (pending_.words.empty() ? "" : pending_.words + " ") + lexeme.text;
  mention.factor = pending_.more ? std::max(1.5, pending_.factor) : pending_.factor;
  mention.more = pending_.more;
  mention.group = joined_ && !mentions_.empty() ? mentions_.back().group : mentions_.size();
  judge(mention, at);
  if (lexeme.row->forbids_failure && pending_.strict && mention.wish == Wish::kWanted)
    reading_.use_case.constraints.push_back({"diverged_share", "<=", 0});
  if (waiting_) {
    // The lighter side of a comparison is still wished for, whatever its words were.
    mention.factor = 1.0;
    const auto [other, ratio] = *waiting_;
    comparisons_.push_back(waiting_lighter_ ? Comparison{mentions_.size(), other, ratio}
                                            : Comparison{other, mentions_.size(), ratio});
    waiting_.reset();
    mentions_[other].compared = true;
    if (mentions_[other].more) mentions_[other].factor = 1.0;
    if (mentions_[other].wish == Wish::kRefused) mentions_[other].wish = Wish::kWanted;
  }
  mentions_.push_back(mention);
  last_ = pending_;
  pending_ = {};
  joined_ = false;
  cue_ = WordKind::kIgnored;
}

// "than", "over", "is secondary to", "to": the left side of a comparison is known now.
void QueryReader::take_joint(std::size_t at) {
  const auto& lexeme = lexemes_[at];
  if (mentions_.empty()) {
    after_than_ = lexeme.is(WordKind::kThan);
    return;
  }
  if (lexeme.is(WordKind::kThan)) {
    after_than_ = true;
    // "I would rather have A than B"
    if (!more_at_ && prefer_ && mentions_.back().wish == Wish::kWanted) {
      waiting_ = std::pair(mentions_.size() - 1, kComparisonRatio);
      waiting_lighter_ = false;
      pending_ = {};
      return;
    }
    if (!more_at_) return;
    const std::size_t left = *more_at_ < mentions_.size() ? *more_at_ : *more_at_ - 1;
    if (*more_at_ == 0 && mentions_.empty()) return;
    waiting_ = std::pair(left, kComparisonRatio);
    waiting_lighter_ = more_is_less_;
    pending_ = {};
    more_at_.reset();
    return;
  }
  if (lexeme.is(WordKind::kTo) && !prefer_) return;
  const Lexeme* next = next_meaningful(at);
  if (next == nullptr || !next->is(WordKind::kCriterion)) return;
  const double ratio = lexeme.row->factor > 1.0 ? lexeme.row->factor : kComparisonRatio;
  waiting_ = std::pair(mentions_.size() - 1, ratio);
  waiting_lighter_ = lexeme.is(WordKind::kUnder);
  pending_ = {};
}

void QueryReader::take_candidate(const Lexeme& lexeme) {
  // "sngan against wgan-gp" leaves neither out.
  if (pending_.words == "against" && bare_in_clause_) {
    pending_ = {};
    topics_.comparing = true;
  }
  Candidates* place = &bare_;
  if (cue_ == WordKind::kExcept || pending_.negated) {
    place = &except_;
  } else if (cue_ == WordKind::kOnly) {
    place = &only_;
  } else if (after_than_ && !bare_in_clause_) {
    topics_.yardstick = true;
    reading_.notes.push_back("\"" + lexeme.text +
                             "\" was mentioned for comparison; say \"only ...\" or \"except ...\" "
                             "to name candidates in or out");
    waiting_.reset();
    return;
  }
  bare_in_clause_ = bare_in_clause_ || place == &bare_;
  // "not wgan or dcgan": the negation goes on over the list.
  if (pending_.negated) cue_ = WordKind::kExcept;
  place->insert(place->end(), lexeme.candidates.begin(), lexeme.candidates.end());
  if (place != &except_) name_gans(lexeme);
  pending_ = {};
  waiting_.reset();
}

void QueryReader::take_labels(bool available) {
  if (pending_.unneeded) {
    pending_ = {};
    return;
  }
  if (pending_.negated || pending_.not_needed) available = !available;
  if (labels_ && *labels_ != available) labels_refused_ = true;
  labels_ = available;
  last_flag_ = WordKind::kLabels;
  pending_ = {};
}

void QueryReader::take_filling() {
  const bool wanted = !(pending_.negated || pending_.not_needed || pending_.unneeded);
  reading_.use_case.constraints.push_back({"fills", "==", wanted});
  pending_ = {};
}

// "labels: none", "extensions = false"
void QueryReader::turn_last_round() {
  auto& constraints = reading_.use_case.constraints;
  if (last_flag_ == WordKind::kLabels && labels_) labels_ = !*labels_;
  if (last_flag_ == WordKind::kExtensions)
    constraints.back().value = !constraints.back().value.get<bool>();
  last_flag_ = WordKind::kIgnored;
}

void QueryReader::take_extensions(bool allowed) {
  if (pending_.negated || pending_.not_needed || cue_ == WordKind::kExcept) allowed = !allowed;
  cue_ = WordKind::kIgnored;
  reading_.use_case.constraints.push_back({"extensions", "==", allowed});
  last_flag_ = WordKind::kExtensions;
  pending_ = {};
}

void QueryReader::take_word(std::size_t at) {
  const auto& lexeme = lexemes_[at];
  if (take_beyond_wishes(at)) return;
  switch (lexeme.row->kind) {
    case WordKind::kIgnored:
      return;
    case WordKind::kCriterion:
      take_criterion(at);
      return;
    case WordKind::kStrongAfter:
    case WordKind::kMildAfter:
    case WordKind::kUnneededAfter:
      take_after(at);
      return;
    case WordKind::kThan:
    case WordKind::kOver:
    case WordKind::kUnder:
    case WordKind::kTo:
      take_joint(at);
      return;
    case WordKind::kPrefer:
      prefer_ = true;
      return;
    case WordKind::kAnd:
    case WordKind::kOr:
    case WordKind::kComma:
      // "neither labels nor extensions"; step() keeps track of joints.
      if (lexeme.text == "nor" && !next_is_criterion(at)) take_negation(lexeme);
      return;
    case WordKind::kBreak:
      reset();
      return;
    case WordKind::kOnly:
    case WordKind::kExcept:
      cue_ = lexeme.row->kind;
      drop_pending(false);
      return;
    case WordKind::kLabels:
    case WordKind::kNoLabels:
      take_labels(lexeme.row->kind == WordKind::kLabels);
      return;
    case WordKind::kFills:
      take_filling();
      return;
    case WordKind::kNotAvailable:
      turn_last_round();
      return;
    case WordKind::kExtensions:
    case WordKind::kSurveyOnly:
      take_extensions(lexeme.row->kind == WordKind::kExtensions);
      return;
    case WordKind::kDataset:
      reading_.dataset = lexeme.row->name;
      return;
    default:
      take_modifier(lexeme);
      return;
  }
}

void QueryReader::step(std::size_t at) {
  const auto& lexeme = lexemes_[at];
  switch (lexeme.kind) {
    case LexemeKind::kUnknown:
      joined_ = false;
      return;
    case LexemeKind::kCandidate:
      take_candidate(lexeme);
      return;
    case LexemeKind::kConstraint:
      pending_ = {};
      waiting_.reset();
      joined_ = false;
      return;
    case LexemeKind::kShare:
      shares_.push_back({lexeme.share, lexeme.percent, mentions_.size(), lexeme.text});
      return;
    case LexemeKind::kWord:
      break;
  }
  take_word(at);
  const bool joint =
      lexeme.is(WordKind::kAnd) || lexeme.is(WordKind::kOr) || lexeme.is(WordKind::kComma);
  if (!joint) return;
  const bool criterion_next = next_is_criterion(at);
  joined_ = criterion_next && pending_.words.empty();
  // "and, if possible, quality": how much of it may stand before a comma, a negation may not.
  const bool only_how_much = !pending_.less && !pending_.poor && !pending_.negated &&
                             !pending_.unneeded && !pending_.not_needed;
  if (lexeme.is(WordKind::kComma) && !joined_ && !(criterion_next && only_how_much)) {
    drop_pending(true);
    more_at_.reset();
  }
}

void QueryReader::read() {
  for (std::size_t at = 0; at < lexemes_.size(); ++at) step(at);
  drop_pending(true);
  assign_shares();
  read_complaints();
  finish_constraints();
  finish_topics();
  finish_weights();
}

}  // namespace ganselect
