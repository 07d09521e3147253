#include "selection/query/query.h"

#include <set>

#include "selection/query/figure_words.h"
#include "selection/query/query_numbers.h"
#include "selection/query/query_reader.h"
#include "selection/query/query_words.h"

namespace ganselect {
namespace {

// The words are named even if they are many; a page of them helps nobody.
std::string list_unknown(const std::vector<UnknownWord>& unknown) {
  constexpr std::size_t kMostWords = 12;
  std::vector<std::string> parts;
  for (const auto& word : unknown) {
    if (parts.size() == kMostWords) {
      parts.push_back("...");
      break;
    }
    parts.push_back("'" + word.word + "'" +
                    (word.nearest ? " (nearest known: '" + *word.nearest + "')" : ""));
  }
  return join(parts);
}

void refuse_empty_reading(const Reading& reading) {
  if (!reading.use_case.weights.empty()) return;
  std::string hint = "criteria: " + join(criterion_names().names()) +
                     "; as \"diverse and cheap, at least 9 modes\"";
  if (!reading.notes.empty()) hint = join(reading.notes, "; ") + "; " + hint;
  if (reading.unknown.empty())
    refuse_query("words that name a criterion or a constraint",
                 "\"" + reading.query + "\", which names none", hint);
  refuse_query("words that name a criterion or a constraint",
               "only unknown words: " + list_unknown(reading.unknown), hint);
}

// What whole phrases ask for, whatever their words say one by one.
Topics topics_of(const QueryTokens& tokens, bool unknown_words) {
  static const auto complaints = longest_first(vocabulary().complaint_phrases);
  static const auto asking = longest_first(vocabulary().asking_phrases);
  static const auto beginner = longest_first(vocabulary().beginner_phrases);
  Topics topics;
  topics.complaint = holds_phrase(tokens, complaints);
  topics.asking = holds_phrase(tokens, asking);
  // A word that is not known may be the wish.
  topics.beginner = !unknown_words && holds_phrase(tokens, beginner);
  return topics;
}

}  // namespace

std::string Reading::understood_as() const {
  return "understood as: " + describe_use_case(use_case);
}

Reading read_query(const std::string& query, std::span<const std::string> candidates) {
  Reading reading;
  reading.query = query;
  auto tokens = tokenize_query(query);
  read_number_patterns(tokens, reading.use_case, reading.notes);
  auto lexemes = find_lexemes(tokens, candidates);
  std::set<std::string> unknown;
  for (const auto& lexeme : lexemes) {
    if (lexeme.kind == LexemeKind::kUnknown && unknown.insert(lexeme.text).second)
      reading.unknown.push_back({lexeme.text, std::nullopt});
  }
  if (!unknown.empty()) {
    const auto known = known_words(candidates);
    for (auto& word : reading.unknown) word.nearest = nearest_name(word.word, known);
  }
  QueryReader(std::move(lexemes), topics_of(tokens, !unknown.empty()), reading).read();
  refuse_empty_reading(reading);
  validate(reading.use_case, "query");
  return reading;
}

}  // namespace ganselect
