// Numbers that are written in several words, as one token each: "two thousand", "2k", "10 000",
// "twenty-five", "two and a half", "a few hundred".
#pragma once

#include "selection/query/figure_words.h"

namespace ganselect {

/// Gives number words their numbers and joins the words of one number. What leaves the number open
/// ("a few hundred") is marked vague.
void read_number_words(QueryTokens& tokens);

}  // namespace ganselect
