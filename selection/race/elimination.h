// Who leaves a race after a look.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/named_table.h"
#include "selection/race/standings.h"

namespace ganselect {

/// Why a contender is out.
struct OutReason {
  std::string name;     ///< "worse", "cut", "collapsed", "diverged", "failed"
  std::string meaning;  ///< one clause
};
const NamedTable<OutReason>& out_reasons();

struct Elimination {
  std::size_t contender = 0;
  std::string reason;            ///< a row of out_reasons()
  std::optional<double> chance;  ///< that it would have ended ahead of the leader; by levels alone
};

struct EliminationSettings {
  /// One whose chance of ending ahead of the leader is lower is worse, and out. Pair by pair as
  /// irace's t-race does, without a correction for their number.
  double least_chance = 0.05;
};

/// The one of highest level; `alive` not empty.
std::size_t leader_of(const Standings& standings, const std::vector<std::size_t>& alive);

/// Of `alive` those that are worse than the leader, and with `keep` the lowest of the others, so
/// that so many stay: they are cut for want of budget, not shown to be worse. The leader stays. A
/// contender that was never looked at is no one's better: it is cut first.
std::vector<Elimination> eliminate(const Standings& standings,
                                   const std::vector<std::size_t>& alive,
                                   std::optional<std::size_t> keep,
                                   const EliminationSettings& settings = {});

}  // namespace ganselect
