#include "selection/race/elimination.h"

#include <algorithm>

namespace ganselect {

const NamedTable<OutReason>& out_reasons() {
  static const NamedTable<OutReason> table(
      "reason", {{"worse", "unlikely to end ahead of the leader, by how far orders still turn"},
                 {"cut", "not shown to be worse, but the budget has places for so many only"},
                 {"collapsed", "its samples became alike or its critic stopped teaching"},
                 {"diverged", "a loss or gradient was not finite"},
                 {"failed", "it could not be trained or measured"}});
  return table;
}

std::size_t leader_of(const Standings& standings, const std::vector<std::size_t>& alive) {
  return *std::max_element(alive.begin(), alive.end(), [&](std::size_t a, std::size_t b) {
    if (standings.is_known(a) != standings.is_known(b)) return standings.is_known(b);
    return standings.level(a) < standings.level(b);
  });
}

std::vector<Elimination> eliminate(const Standings& standings,
                                   const std::vector<std::size_t>& alive,
                                   std::optional<std::size_t> keep,
                                   const EliminationSettings& settings) {
  std::vector<Elimination> out;
  if (alive.empty()) return out;
  const auto leader = leader_of(standings, alive);
  std::vector<Elimination> others;
  for (const auto one : alive) {
    if (one == leader) continue;
    const auto chance =
        standings.is_known(one) ? std::optional(standings.chance_ahead(one, leader)) : std::nullopt;
    const bool worse = chance && *chance < settings.least_chance;
    (worse ? out : others).push_back({one, worse ? "worse" : "cut", chance});
  }
  if (!keep || others.size() + 1 <= *keep) return out;
  // Highest first; what was never looked at last.
  std::stable_sort(others.begin(), others.end(), [&](const auto& a, const auto& b) {
    if (a.chance.has_value() != b.chance.has_value()) return a.chance.has_value();
    return a.chance && standings.level(a.contender) > standings.level(b.contender);
  });
  out.insert(out.end(),
             others.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(*keep, 1) - 1),
             others.end());
  return out;
}

}  // namespace ganselect
