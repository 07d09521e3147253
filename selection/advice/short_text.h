// The answer on one screen: what to take and why, what may do as well, how sure that is, what does
// not work, and the next command. advice_to_text() has everything.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "selection/advice/advice.h"

namespace ganselect {

struct ScreenForm {
  std::size_t width = 80;  ///< characters a line, at least 60
  bool unicode = true;     ///< false: ASCII alone
};

/// The first of the ranking and those that cannot be told from it, in the ranking's order: at most
/// four; of one seed, which tells nothing apart, the first four. Empty where nothing was ranked.
std::vector<std::string> shortlist(const Ranking& ranking);

/// "Take X for varied samples; A or B may do as well."; says so where nothing can be recommended.
std::string answer_sentence(const Advice& advice);
/// "1 in 3 that it is the best of 24. Measured on ..."; empty where nothing was ranked.
std::string sure_sentence(const Advice& advice);
/// What published studies say of the first of the ranking; empty where they were not looked at or
/// say nothing.
std::string published_sentence(const Advice& advice);

/// The heading of a measure beside a line that names the detector: FID, which is quoted most, and
/// what another detector saw carry theirs.
std::string column_name(const std::string& measure, const Measures& measures);

/// What was asked for and no trial here is of, with what is nearest: "400 training images (nearest:
/// 50000)".
std::vector<std::string> not_measured(const Advice& advice);

/// At most 24 lines; ends with a newline.
std::string advice_to_screen(const Advice& advice, const ScreenForm& form);

}  // namespace ganselect
