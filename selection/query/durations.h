// Lengths of time: "10 minutes", "an hour and a half", "1 h 30 min", "two or three days".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "selection/query/figure_words.h"

namespace ganselect {

struct Duration {
  std::size_t begin = 0, end = 0;
  double seconds = 0.0;
  std::string device;  ///< "gpu" for "gpu hours"; empty: not said
  std::string note;    ///< what was assumed; empty: nothing
};

/// The length of time that begins at `at`, all of it. Throws kUsage for one that is only half
/// understood, as "an hour or two" and "2 hours 30".
std::optional<Duration> duration_at(const QueryTokens& tokens, std::size_t at);

}  // namespace ganselect
