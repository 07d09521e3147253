// A race's schedule: rungs in generator updates, looks within each, and how many may go on.
// Successive halving (Jamieson & Talwalkar 2016; Li et al. 2018): every rung has about as much
// training in it as the one before, by fewer contenders. Budgets are seconds, as a probe and the
// rungs that were run foretell them; evaluations count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/json.h"

namespace ganselect {

struct Rung {
  std::vector<std::int64_t> looks;  ///< updates, rising; the last is the rung's end
  std::size_t keep = 1;             ///< contenders that go on, at most
  std::int64_t end() const { return looks.back(); }
};
using Ladder = std::vector<Rung>;

/// Rungs that end at `ends` (rising, each >= 1; kUsage otherwise), from update `done` on, with up
/// to `looks` looks each, evenly spaced; in the first rung of all only those of its second half,
/// since nobody looks like anything before. `contenders` come down to 1 by equal ratios.
Ladder ladder_of(const std::vector<std::int64_t>& ends, std::size_t contenders, std::size_t looks,
                 std::int64_t done = 0);

/// Rungs that halve so many contenders down to one.
std::size_t halvings(std::size_t contenders);

/// What a contender takes.
struct ContenderCost {
  double seconds_per_update = 0;
  double seconds_per_look = 0;
};

/// How contenders are trained beside each other.
struct RaceLanes {
  std::size_t jobs = 1;   ///< trials at once
  std::size_t seeds = 1;  ///< trials of each contender
};

/// Seconds of the ladder from update `done` on. Who goes on is not known: later rungs count the
/// mean of `costs`, which are those of all that are in now.
double foretold_seconds(const Ladder& ladder, const std::vector<ContenderCost>& costs,
                        const RaceLanes& lanes, std::int64_t done = 0);

struct BudgetSettings {
  double race_share = 0.7;          ///< of the time left; the rest trains the winner on
  std::size_t looks = 4;            ///< a rung, at most
  std::int64_t least_updates = 20;  ///< of the first rung: fewer tell nothing
};

/// The longest ladder that takes at most `seconds`, each rung ending at twice (in a race that is
/// under way: as many times as fits, at most four) the updates of the one before, with fewer looks
/// where evaluations would take more than a third of it. Nothing where even the least does not fit.
std::optional<Ladder> fitted_ladder(double seconds, const std::vector<ContenderCost>& costs,
                                    const RaceLanes& lanes, std::size_t rungs,
                                    const BudgetSettings& settings, std::int64_t done = 0);

/// How many of the contenders, best first, and seeds a race over the whole budget has room for.
struct RaceSize {
  std::size_t contenders = 0, seeds = 1;
  Ladder ladder;
};
/// The most contenders (at least 2) whose ladder fits race_share of `seconds`. `seeds` as asked, in
/// lanes. Nothing where two do not fit.
std::optional<RaceSize> fitted_size(double seconds, const std::vector<ContenderCost>& costs,
                                    const RaceLanes& lanes, const BudgetSettings& settings);

/// Seconds below which fitted_size finds nothing, to be told to who asked for less.
double least_seconds(const std::vector<ContenderCost>& costs, const RaceLanes& lanes,
                     const BudgetSettings& settings);

Json to_json(const Ladder& ladder);
Ladder ladder_from_json(const Json& json);

}  // namespace ganselect
