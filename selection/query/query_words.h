// Second half of reading a query: its tokens as lexemes, each the longest phrase of the vocabulary
// or candidate name that begins there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "selection/query/query_numbers.h"
#include "selection/query/vocabulary.h"

namespace ganselect {

enum class LexemeKind {
  kWord,        // a row of the vocabulary
  kCandidate,   // names of candidates
  kShare,       // a number that may be a weight: "70%", "0.7", "2"
  kConstraint,  // stands where a number pattern was
  kUnknown,
};

struct Lexeme {
  LexemeKind kind = LexemeKind::kUnknown;
  std::string text;                     ///< as in the query, lower case
  const VocabularyRow* row = nullptr;   ///< kWord
  std::vector<std::string> candidates;  ///< kCandidate
  double share = 0.0;                   ///< kShare: 0.7 for "70%"
  bool percent = false;                 ///< kShare: written with a percent sign

  bool is(WordKind word) const { return row != nullptr && row->kind == word; }
};

/// Lexemes of the tokens in order; `candidates` are the names that count as such, with or without
/// their hyphens.
std::vector<Lexeme> find_lexemes(std::span<const QueryToken> tokens,
                                 std::span<const std::string> candidates);

/// The vocabulary's single words and the candidates, for naming the one nearest to a slip.
std::vector<std::string> known_words(std::span<const std::string> candidates);

}  // namespace ganselect
