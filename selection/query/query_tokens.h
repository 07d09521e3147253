// A query's text as words, numbers and marks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ganselect {

/// A word, number or mark of the query, in lower case.
struct QueryToken {
  std::string text;
  std::optional<double> number;  ///< "10", "2.5"; "ten", "half" once query/number_words.h read them
  bool numeral = false;          ///< written in digits
  bool consumed = false;         ///< used up by a number pattern
  bool glued = false;            ///< no blank before it
  bool hyphened = false;         ///< a hyphen before it: "400-500"
  bool vague = false;            ///< the number was taken for "a few hundred" or the like
};

/// Splits at blanks, hyphens and marks; "don't" becomes "do not", "10min" becomes "10", "min".
std::vector<QueryToken> tokenize_query(std::string_view text);

}  // namespace ganselect
