// What looks at running trials say together: a level for each contender, how sure it is, and how
// likely it ends ahead of another.
//
// A look measures every contender that is still in at the same update, on the same seeds, so that
// what a look has in common (easier measuring, all being better by then) falls out of every
// difference; looks are the blocks of a race (Birattari et al. 2002), and stay so within one seed,
// since the noise of an evaluation is new at each. Beside it each contender's level wanders as
// stored curves do (curves.h). The local level model of that, look by look (Harvey 1989,
// "Forecasting, structural time series models and the Kalman filter", chapter 4):
//   y[i,k] = level[i,k] + common[k] + e,  e ~ N(0, s2 / seeds)
//   level[i,k] = level[i,k-1] + w,        w ~ N(0, s2 movement(k-1, k))
// s2 is estimated from how the differences between neighbouring looks scatter, and from stored
// curves while there are few of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "selection/evidence/seed_spread.h"
#include "selection/race/curves.h"

namespace ganselect {

/// Levels of one look, by contender; nothing for one that was not looked at.
struct LookLevels {
  double step = 0;
  std::vector<std::optional<double>> levels;
};

/// Degrees of freedom that the stored curves' variance counts for: other data and another score
/// scatter otherwise, so a rung of own looks outweighs it.
inline constexpr double kStoredDegrees = 4;

class Standings {
 public:
  /// `horizon`: updates at which the race is decided. Looks in order of their steps, each of as
  /// many contenders (kFailed otherwise); a level is the mean over `seeds` seeds.
  Standings(const std::vector<LookLevels>& looks, const CurveModel& model, double horizon,
            std::size_t seeds);

  /// Whether it was ever looked at; only then the others speak of it.
  bool is_known(std::size_t contender) const;
  double level(std::size_t contender) const { return states_[contender].level; }
  double variance(std::size_t contender) const { return states_[contender].variance; }
  /// Of one look of one seed.
  SeedVariance look_variance() const { return look_; }
  /// That one ends ahead of the other: Student's t with the degrees of look_variance, both moving
  /// on until the horizon.
  double chance_ahead(std::size_t one, std::size_t other) const;
  /// That each of `among` ends as the best of them, by draws of normal levels; sums to 1.
  std::vector<double> chance_best(const std::vector<std::size_t>& among, std::uint64_t seed) const;

 private:
  struct State {
    double level = 0, variance = 0;
    bool known = false;
  };
  void estimate_look_variance(const std::vector<LookLevels>& looks);
  void filter(const std::vector<LookLevels>& looks);
  double to_end() const;  // variance of each contender's way to the end

  CurveModel model_;
  double horizon_, seeds_, last_step_ = 0;
  SeedVariance look_;
  std::vector<State> states_;
};

}  // namespace ganselect
