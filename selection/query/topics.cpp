// What a query says besides wishes: devices, subjects, GANs that are not trained here, two things
// compared, a question on one decision; and praise ("good") and complaints that are wishes after
// all.
#include <fmt/format.h>

#include <algorithm>

#include "selection/query/query_reader.h"

namespace ganselect {
namespace {

// "good" by itself: what is praised are the images.
const VocabularyRow& good_row() {
  static const VocabularyRow row{
      .kind = WordKind::kCriterion, .criteria = {{"quality", 1.0}}, .adjective = true};
  return row;
}

void add_distinct(std::vector<std::string>& list, const std::string& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

}  // namespace

// "cheap and good" against "good diversity" and "a good GAN".
bool QueryReader::stands_alone(std::size_t at) const {
  if (pending_.negated || pending_.less || pending_.poor || pending_.unneeded ||
      pending_.not_needed)
    return false;
  const auto& praised = vocabulary().recommended_nouns;
  for (std::size_t i = at + 1; i < lexemes_.size(); ++i) {
    const auto& next = lexemes_[i];
    if (next.kind == LexemeKind::kConstraint) return true;
    if (next.kind == LexemeKind::kUnknown || next.is(WordKind::kSubject)) continue;
    if (next.is(WordKind::kIgnored)) {
      if (std::find(praised.begin(), praised.end(), next.text) != praised.end()) return false;
      continue;
    }
    const bool joint = next.is(WordKind::kAnd) || next.is(WordKind::kOr) ||
                       next.is(WordKind::kComma) || next.is(WordKind::kBreak);
    return joint && next.text != "with";
  }
  return true;
}

void QueryReader::take_good(std::size_t at) {
  if (lexemes_[at].is(WordKind::kMild)) pending_.factor = lexemes_[at].row->factor;
  lexemes_[at].row = &good_row();
  take_criterion(at);
}

void QueryReader::name_gans(const Lexeme& lexeme) {
  for (const auto& name : lexeme.candidates) {
    const bool seen = std::any_of(topics_.gans.begin(), topics_.gans.end(),
                                  [&](const NamedGan& gan) { return gan.name == name; });
    topics_.twice = topics_.twice || seen;
    if (!seen) topics_.gans.push_back({name, true});
  }
}

void QueryReader::take_other_gan(const Lexeme& lexeme) {
  if (cue_ == WordKind::kExcept || pending_.negated) {
    reading_.notes.push_back(lexeme.row->name + " is not trained here, so it is left out anyway");
    pending_ = {};
    return;
  }
  auto& others = reading_.use_case.other_gans;
  const std::size_t before = others.size();
  add_distinct(others, lexeme.row->name);
  bare_in_clause_ = true;
  if (others.size() > before) topics_.gans.push_back({lexeme.row->name, false});
  pending_ = {};
}

// Whether the word at `at` is dealt with here.
bool QueryReader::take_beyond_wishes(std::size_t at) {
  const auto& row = *lexemes_[at].row;
  topics_.comparing = topics_.comparing || row.compares || row.kind == WordKind::kThan ||
                      row.kind == WordKind::kOr || row.kind == WordKind::kOver;
  if (row.good && stands_alone(at)) {
    take_good(at);
    return true;
  }
  switch (row.kind) {
    case WordKind::kDevice:
    case WordKind::kDecision:
    case WordKind::kUnmeasured:
    case WordKind::kOutOfScope:
    case WordKind::kOtherGan:
    case WordKind::kSubject:
      take_topic(at);
      return true;
    default:
      return false;
  }
}

void QueryReader::take_topic(std::size_t at) {
  const auto& lexeme = lexemes_[at];
  const auto& row = *lexeme.row;
  const bool negated = pending_.negated || pending_.not_needed;
  switch (row.kind) {
    case WordKind::kDevice:
      topics_.devices.insert(negated ? "cpu" : row.device);
      pending_ = {};
      return;
    case WordKind::kDecision:
      topics_.decisions.push_back(&row);
      topics_.decision_texts.push_back(lexeme.text);
      return;
    case WordKind::kUnmeasured:
      topics_.unmeasured = true;
      reading_.notes.push_back("\"" + lexeme.text + "\" had no effect: " + row.name +
                               " was not put to the test; each candidate runs as its authors did");
      return;
    case WordKind::kOtherGan:
      take_other_gan(lexeme);
      return;
    case WordKind::kOutOfScope:
      if (negated || cue_ == WordKind::kExcept) return;
      refuse_query("a question on GANs for images or for points in the plane",
                   "\"" + lexeme.text + "\": GANs for " + row.name + " are out of scope",
                   "only images of 32x32 and 64x64 and sets of points are trained on and measured");
    default:
      if (!negated) add_distinct(reading_.use_case.subjects, row.name);
      return;
  }
}

// "low diversity" beside "mode collapse" says what is wrong, not what is wished for.
void QueryReader::read_complaints() {
  // "which GAN is good?" praises nothing in particular.
  const bool only_praise = std::all_of(mentions_.begin(), mentions_.end(), [](const Mention& m) {
    return m.row == &good_row() && !m.share;
  });
  if (topics_.beginner && only_praise) mentions_.clear();
  const bool trouble = std::any_of(mentions_.begin(), mentions_.end(), [](const Mention& m) {
    return m.row->unwanted && !m.row->expense && !m.negated && m.wish == Wish::kWanted;
  });
  if (!trouble && !topics_.complaint) return;
  for (auto& mention : mentions_) {
    if (mention.wish != Wish::kRefused || !mention.opposite) continue;
    mention.wish = Wish::kWanted;
    reading_.notes.push_back("\"" + mention.text +
                             "\" was read as a complaint: less of it is wished for");
    if (!mention.row->unwanted)
      reading_.notes.back() =
          "\"" + mention.text + "\" was read as a complaint: more is wished for";
  }
}

// A device is a wish for low cost ("runs on a laptop") unless the query says what may be spent
// there.
void QueryReader::finish_devices() {
  auto& use_case = reading_.use_case;
  if (use_case.device) topics_.devices.insert(*use_case.device);
  const bool budget =
      use_case.updates || std::any_of(use_case.constraints.begin(), use_case.constraints.end(),
                                      [](const Constraint& c) { return c.key == "train_seconds"; });
  for (auto& mention : mentions_) {
    if (mention.row->device.empty() || mention.wish != Wish::kWanted) continue;
    topics_.devices.insert(mention.row->device);
  }
  const bool either = topics_.devices.size() > 1;
  for (auto& mention : mentions_) {
    const bool means = !mention.row->device.empty() && mention.wish == Wish::kWanted &&
                       !mention.compared && !mention.share;
    if (means && (budget || either)) mention.wish = Wish::kMeans;
  }
  use_case.device.reset();
  if (topics_.devices.size() == 1) use_case.device = *topics_.devices.begin();
  if (either)
    reading_.notes.push_back("both a CPU and a GPU were named, so neither was taken as the device");
}

bool QueryReader::compares_with_other_gan() const {
  const auto& gans = topics_.gans;
  return topics_.comparing && gans.size() == 2 && (!gans[0].known || !gans[1].known);
}

void QueryReader::finish_comparison() {
  const auto& gans = topics_.gans;
  if (topics_.comparing && topics_.twice && gans.size() == 1)
    refuse_query("two different GANs to compare", "\"" + gans.front().name + "\" twice");
  if (!topics_.comparing || gans.size() != 2) return;
  const bool known = gans[0].known && gans[1].known;
  reading_.use_case.comparison =
      AskedComparison{known ? "candidate" : "gan", gans[0].name, gans[1].name};
}

// "is hinge better than wasserstein?"
bool QueryReader::compare_decisions() {
  std::vector<std::string> values;
  for (const auto* row : topics_.decisions) {
    if (row->decision != topics_.decisions.front()->decision || row->values.empty()) return false;
    add_distinct(values, join(row->values, "+"));
  }
  if (!topics_.comparing || values.size() != 2 || reading_.use_case.comparison) return false;
  reading_.use_case.comparison =
      AskedComparison{topics_.decisions.front()->decision, values[0], values[1]};
  return true;
}

void QueryReader::finish_question() {
  if (topics_.decisions.empty() || compare_decisions()) return;
  const std::string& id = topics_.decisions.front()->decision;
  const bool one = std::all_of(topics_.decisions.begin(), topics_.decisions.end(),
                               [&](const auto* row) { return row->decision == id; });
  // "the best loss" asks in itself, and so does a value where nothing is wished for.
  const bool asking = topics_.asking || mentions_.empty() ||
                      std::any_of(topics_.decisions.begin(), topics_.decisions.end(),
                                  [](const auto* row) { return row->values.empty(); });
  if (!asking || !one) {
    reading_.notes.push_back("\"" + join(topics_.decision_texts, "\", \"") + "\" had no effect: " +
                             (one ? "it names no candidate; ask \"should I use ...?\""
                                  : "ask of one decision at a time"));
    return;
  }
  AskedQuestion question{id, {}};
  for (const auto* row : topics_.decisions) {
    for (const auto& value : row->values) add_distinct(question.values, value);
  }
  reading_.use_case.question = question;
}

void QueryReader::finish_topics() {
  finish_devices();
  finish_comparison();
  finish_question();
  auto& notes = reading_.notes;
  const auto& use_case = reading_.use_case;
  const bool decisions = use_case.comparison && use_case.comparison->kind != "candidate" &&
                         use_case.comparison->kind != "gan";
  if (decisions || use_case.question)
    notes.push_back("the question on " +
                    (decisions ? use_case.comparison->kind : use_case.question->id) +
                    " is answered among the four questions; the ranking is by the weights alone");
}

bool QueryReader::asks_beyond_criteria() const {
  const auto& use_case = reading_.use_case;
  return !use_case.constraints.empty() || use_case.train_images || use_case.updates ||
         use_case.device || use_case.image_size || !use_case.subjects.empty() ||
         !use_case.other_gans.empty() || use_case.comparison || use_case.question ||
         reading_.dataset || topics_.beginner || topics_.unmeasured || topics_.yardstick ||
         (topics_.asking && !topics_.decisions.empty());
}

}  // namespace ganselect
