// What the readers of figures share: tokens used up, and the words on either side of a figure that
// make it a bound ("at most", "or less").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "selection/query/query_tokens.h"
#include "selection/query/use_case.h"

namespace ganselect {

using QueryTokens = std::vector<QueryToken>;

enum class Side { kNone, kUpper, kLower };

/// A phrase as its words; those with most words first, so that "no more than" is tried before
/// "more than".
using PhraseWords = std::vector<std::vector<std::string>>;
PhraseWords longest_first(const std::vector<std::string>& phrases);

bool is_one_of(std::string_view word, const std::vector<std::string>& words);

/// Whether the words stand at `at`, none of them used up.
bool words_at(const QueryTokens& tokens, std::size_t at, const std::vector<std::string>& words);

/// Words of the phrase that begins at `at`, the longest of them; 0 where none does.
std::size_t phrase_at(const QueryTokens& tokens, std::size_t at, const PhraseWords& phrases);

/// Whether one of the phrases stands anywhere among the tokens, used up or not.
bool holds_phrase(const QueryTokens& tokens, const PhraseWords& phrases);

void consume(QueryTokens& tokens, std::size_t begin, std::size_t end);

std::string span_text(const QueryTokens& tokens, std::size_t begin, std::size_t end);

/// The side of a bound that ends right before `at`, fillers between allowed; `begin` is moved to
/// its start.
Side bound_before(const QueryTokens& tokens, std::size_t at, std::size_t& begin);

/// The side of a bound that begins at `at`; `end` is moved behind it.
Side bound_after(const QueryTokens& tokens, std::size_t at, std::size_t& end);

/// Throws kUsage where the number at `at` is the rest of something that is written in another way:
/// "1,5", "1/2", "1:30".
void refuse_cut_number(const QueryTokens& tokens, std::size_t at);

/// Throws kUsage with "[query]" in front.
[[noreturn]] void refuse_figure(const std::string& got, const std::string& expected,
                                const std::string& hint = {});

/// Throws kUsage for a value outside the range of its constraint.
void check_range(const std::string& key, double value, const std::string& got);

/// 1 - 0.9 as 0.1, 600.0 as 600.
Json whole_or_real(double value);

}  // namespace ganselect
