#include "selection/race/standings.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "base/error.h"
#include "selection/evidence/bootstrap.h"

namespace ganselect {
namespace {

constexpr int kBestDraws = 10000;  // a chance of 0.05 within 0.005

void check_looks(const std::vector<LookLevels>& looks) {
  for (std::size_t k = 1; k < looks.size(); ++k) {
    if (looks[k].step > looks[k - 1].step && looks[k].levels.size() == looks[0].levels.size())
      continue;
    fail(ErrorKind::kFailed, {.where = "looks of a race",
                              .expected = "rising steps and the same contenders",
                              .got = "step " + std::to_string(looks[k].step) + " with " +
                                     std::to_string(looks[k].levels.size()) + " contenders"});
  }
}

// Contenders with a level in both looks: its change, less the mean change.
std::vector<double> changes(const LookLevels& before, const LookLevels& after) {
  std::vector<double> list;
  double sum = 0;
  for (std::size_t i = 0; i < after.levels.size(); ++i) {
    if (!before.levels[i] || !after.levels[i]) continue;
    list.push_back(*after.levels[i] - *before.levels[i]);
    sum += list.back();
  }
  for (double& change : list) change -= sum / static_cast<double>(list.size());
  return list;
}

}  // namespace

Standings::Standings(const std::vector<LookLevels>& looks, const CurveModel& model, double horizon,
                     std::size_t seeds)
    : model_(model), horizon_(horizon), seeds_(static_cast<double>(seeds)) {
  check_looks(looks);
  if (!looks.empty()) states_.resize(looks.front().levels.size());
  estimate_look_variance(looks);
  filter(looks);
}

bool Standings::is_known(std::size_t contender) const { return states_[contender].known; }

// Two looks' difference has twice a look's variance and the movement between them.
void Standings::estimate_look_variance(const std::vector<LookLevels>& looks) {
  SeedVariance own;
  for (std::size_t k = 1; k < looks.size(); ++k) {
    const auto list = changes(looks[k - 1], looks[k]);
    if (list.size() < 2) continue;
    const double moved = model_.movement(looks[k - 1].step / horizon_, looks[k].step / horizon_);
    double sum = 0;
    for (const double change : list) sum += change * change;
    own.variance += sum / (2 / seeds_ + moved);
    own.degrees += static_cast<double>(list.size() - 1);
  }
  if (own.degrees > 0) own.variance /= own.degrees;
  look_ = moderated(own, {.variance = model_.look_variance, .degrees = kStoredDegrees});
}

void Standings::filter(const std::vector<LookLevels>& looks) {
  const double noise = look_.variance / seeds_;
  for (const auto& look : looks) {
    const double moved = last_step_ > 0 ? look_.variance * model_.movement(last_step_ / horizon_,
                                                                           look.step / horizon_)
                                        : 0;
    double common = 0, weights = 0;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      auto& state = states_[i];
      if (!state.known) continue;
      state.variance += moved;
      if (!look.levels[i]) continue;
      const double weight = 1 / (state.variance + noise);
      common += weight * (*look.levels[i] - state.level);
      weights += weight;
    }
    if (weights > 0) common /= weights;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      auto& state = states_[i];
      if (state.known) state.level += common;
      if (!look.levels[i]) continue;
      const double gain = state.known ? state.variance / (state.variance + noise) : 1;
      state.level += gain * (*look.levels[i] - state.level);
      state.variance = state.known ? (1 - gain) * state.variance : noise;
      state.known = true;
    }
    last_step_ = look.step;
  }
}

double Standings::to_end() const {
  const double moves = model_.movement(last_step_ / horizon_, 1);
  return look_.variance * (moves + model_.trial_variance / seeds_);
}

double Standings::chance_ahead(std::size_t one, std::size_t other) const {
  const auto &a = states_[one], &b = states_[other];
  const double sd = std::sqrt(a.variance + b.variance + 2 * to_end());
  const boost::math::students_t law(look_.degrees);
  return boost::math::cdf(law, (a.level - b.level) / sd);
}

std::vector<double> Standings::chance_best(const std::vector<std::size_t>& among,
                                           std::uint64_t seed) const {
  std::vector<double> chances(among.size(), 0.0);
  DrawStream stream(seed);
  for (int draw = 0; draw < kBestDraws; ++draw) {
    std::size_t best = 0;
    double highest = 0;
    // One common factor makes the normal draws Student's t, as in chance_ahead.
    const double wide = std::sqrt(look_.degrees / stream.chi_squared(look_.degrees));
    for (std::size_t i = 0; i < among.size(); ++i) {
      const auto& state = states_[among[i]];
      const double end =
          state.level + wide * std::sqrt(state.variance + to_end()) * stream.normal();
      if (i == 0 || end > highest) {
        best = i;
        highest = end;
      }
    }
    if (!among.empty()) chances[best] += 1;
  }
  for (double& chance : chances) chance /= kBestDraws;
  return chances;
}

}  // namespace ganselect
