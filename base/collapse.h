// When a training counts as collapsed: one rule for a whole training and for what it was at a
// checkpoint.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

namespace ganselect {

// Its last FID exceeds this many times its best, or at most this share of the modes it once had is
// left. Counts from a thousand samples waver by two modes of ten in healthy training, so a mode
// less is no collapse.
inline constexpr double kCollapseFidFactor = 2.0;
inline constexpr double kCollapseModeShare = 0.5;

// By FIDs and numbers of modes along training, in order; nothing below two of either.
inline std::optional<bool> fell_apart(std::span<const double> fids, std::span<const double> modes) {
  if (fids.size() < 2 && modes.size() < 2) return std::nullopt;
  bool collapsed = false;
  if (fids.size() >= 2)
    collapsed = fids.back() > kCollapseFidFactor * *std::min_element(fids.begin(), fids.end());
  if (modes.size() >= 2) {
    const double most = *std::max_element(modes.begin(), modes.end());
    // Where no mode ever showed, none was lost.
    collapsed = collapsed || (most > 0 && modes.back() <= kCollapseModeShare * most);
  }
  return collapsed;
}

}  // namespace ganselect
