// Free text into a use case: "cheap and stable, at least 9 modes, except wgan". Reads only what the
// vocabulary (vocabulary.h) and the number patterns (query_numbers.h) say, shows the reading, and
// names every word it does not know. It does not guess: what can be read two ways is refused.
//
// How words combine:
// - A criterion's word weighs 1; "very" doubles, "high" and "more" make 1.5, "some" halves; named
//   shares ("70% quality, 30% diversity", "quality 2, diversity 1") are taken as they are. Weights
//   are then divided by their sum. Words of one criterion do not add up.
// - "more A than B", "A over B", "prefer A to B": A weighs at least twice what B does.
// - The trouble names the wish: "not unstable", "no blur" and "my GAN is unstable" all wish for
//   stability or quality. "low cost" wishes for cost; "low quality" is refused.
// - "A does not matter" and "no A" give A no weight. If only such words or constraints are read,
// the
//   weights of the preset `balanced` are used and the reading says so.
// - A modifier reaches the next criterion, and over "and", "or" or a comma the one right after it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "selection/query/use_case.h"

namespace ganselect {

/// A word that stands in no vocabulary.
struct UnknownWord {
  std::string word;
  std::optional<std::string> nearest;  ///< the known word most like it, where there is one
};

struct Reading {
  std::string query;
  UseCase use_case;
  std::optional<std::string> dataset;  ///< a data set named in the query: "mnist"
  std::vector<UnknownWord> unknown;
  std::vector<std::string> notes;  ///< what was assumed or had no effect, a sentence each

  /// "understood as: diversity 0.67, quality 0.33; train_seconds <= 600"
  std::string understood_as() const;
};

/// Reads `query`. `candidates` are the names that may be named in or out.
/// Throws kUsage (exit 2): nothing can be read (the words are named), wishes or constraints that
/// contradict each other, cannot be met or can be read two ways.
Reading read_query(const std::string& query, std::span<const std::string> candidates);

}  // namespace ganselect
