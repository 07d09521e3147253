// How good a race's choices are: races on curves that are drawn about those fitted to stored
// records, whose end is known, beside other ways to spend the same updates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/settings_io.h"
#include "selection/race/curves.h"
#include "selection/race/elimination.h"

namespace ganselect {

struct ReplaySettings {
  std::int64_t races = 1000;
  std::int64_t contenders = 8;
  std::int64_t seeds = 1;  // trials of each contender in a race
  std::int64_t looks = 4;  // a rung
  std::uint64_t seed = 0;
  double least_chance = EliminationSettings{}.least_chance;
};

template <class V>
void describe(V& v, ReplaySettings& s) {
  v.field("races", s.races, "races on drawn curves", at_least(1));
  v.field("contenders", s.contenders, "contenders of each", at_least(2));
  v.field("seeds", s.seeds, "trials of each contender in a race", at_least(1));
  v.field("looks", s.looks, "looks a rung", at_least(1));
  v.field("seed", s.seed, "of all draws", between(0, 4294967295.0));
  v.field("least_chance", s.least_chance,
          "chance of ending ahead of the leader below which one is out", between(0, 0.5));
}

/// How one way of choosing did over the races.
struct ReplayScore {
  std::string way, meaning;
  double within = 0;       ///< share whose choice is the best or at most 5 % of FID behind it
  double within_seed = 0;  ///< the same, judged by one further trial of each contender
  double regret = 0;       ///< mean of FID over the best one's, less 1
  double updates = 0;      ///< mean generator updates, all trials together
  double tie = 0;          ///< mean number that the choice could not be told from; 0: says nothing
};

struct Replay {
  std::size_t curves = 0, trials = 0;  ///< that were fitted
  double horizon = 0;
  /// Contenders drawn at random, and the shortlist of an answer from two trials of each candidate.
  std::vector<ReplayScore> drawn, asked;
};

/// Rungs end at a quarter, half and all of the horizon. Judged by the fitted curve at the horizon.
/// kUsage for more contenders than there are curves.
Replay replay_races(const CurveFit& fit, const ReplaySettings& settings);

Json to_json(const Replay& replay);
std::string replay_text(const Replay& replay);

}  // namespace ganselect
