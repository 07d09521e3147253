#include "selection/evidence/seed_spread.h"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <numeric>
#include <set>

namespace ganselect {
namespace {

using boost::math::digamma;
using boost::math::trigamma;

// A variance of nearly 0 is an accident of its seeds: as a share of the median it counts as no
// less.
constexpr double kLeastShare = 1e-5;
// Fewer degrees change no interval that one can see.
constexpr double kLeastDegrees = 0.1;

// The y > 0 with trigamma(y) = x, by Newton's method on 1/trigamma, which is convex: from below it
// converges without overshooting (Smyth 2004, appendix).
double trigamma_inverse(double x) {
  double y = 0.5 + 1.0 / x;
  for (int round = 0; round < 50; ++round) {
    const double value = trigamma(y);
    const double step = value * (1.0 - value / x) / boost::math::polygamma(2, y);
    y += step;
    if (std::abs(step) < 1e-10 * y) break;
  }
  return y;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double weighted_sum(const std::vector<double>& row, const std::vector<double>& weights) {
  return std::inner_product(row.begin(), row.end(), weights.begin(), 0.0);
}

}  // namespace

SeedVariance common_variance(const std::vector<SeedVariance>& variances) {
  std::vector<SeedVariance> varying;
  std::vector<double> plain;
  for (const auto& one : variances) {
    // None at all: a score fixed by rule, as that of a candidate that always diverges.
    if (one.variance <= 0.0) continue;
    varying.push_back(one);
    plain.push_back(one.variance);
  }
  const std::size_t count = varying.size();
  if (count < kLeastSharing) return {};
  const double floor = kLeastShare * median(plain);
  // The logarithm of a variance of d degrees has mean log(s^2) + digamma(d/2) - log(d/2).
  std::vector<double> logs;
  double known = 0.0, degrees = 0.0;
  for (const auto& one : varying) {
    const double half = one.degrees / 2.0;
    logs.push_back(std::log(std::max(one.variance, floor)) - digamma(half) + std::log(half));
    known += trigamma(half) / static_cast<double>(count);
    degrees += one.degrees;
  }
  const double mean = std::accumulate(logs.begin(), logs.end(), 0.0) / static_cast<double>(count);
  double squares = 0.0;
  for (const double x : logs) squares += (x - mean) * (x - mean);
  const double seen = squares / static_cast<double>(count - 1);
  const double error = seen * std::sqrt(2.0 / static_cast<double>(count - 1));
  const double beyond = seen - known + error;
  // The common variance is itself known by no more than the others' degrees.
  const double most = degrees * static_cast<double>(count - 1) / static_cast<double>(count);
  const double common = beyond > 0.0 ? std::min(most, 2.0 * trigamma_inverse(beyond)) : most;
  if (common < kLeastDegrees) return {};
  return {std::exp(mean + digamma(common / 2.0) - std::log(common / 2.0)), common};
}

SeedVariance moderated(const SeedVariance& own, const SeedVariance& common) {
  const double degrees = own.degrees + common.degrees;
  if (degrees <= 0.0) return {};
  return {(own.degrees * own.variance + common.degrees * common.variance) / degrees, degrees};
}

SeedVariance score_variance(const SeedRows& rows, const std::vector<double>& weights) {
  if (rows.size() < 2) return {};
  const double centre = weighted_sum(column_means(rows), weights);
  double squares = 0.0;
  for (const auto& row : rows) {
    const double off = weighted_sum(row, weights) - centre;
    squares += off * off;
  }
  const auto degrees = static_cast<double>(rows.size() - 1);
  return {squares / degrees, degrees};
}

SharedSpread shared_spread(const std::vector<SeedRows>& candidates,
                           const std::vector<double>& weights) {
  std::set<SeedRows> different;
  for (const auto& rows : candidates) {
    if (rows.size() >= 2) different.insert(rows);
  }
  std::vector<SeedVariance> variances;
  SeedRows pooled;  // centred rows of all
  double squares = 0.0;
  for (const auto& rows : different) {
    variances.push_back(score_variance(rows, weights));
    squares += variances.back().variance * variances.back().degrees;
    for (auto& row : centred(rows)) pooled.push_back(std::move(row));
  }
  SharedSpread shared{common_variance(variances), {}};
  if (shared.score.degrees <= 0.0) return {};
  // Directions are those of all candidates' scatter; its size is that of the common variance.
  shared.parts = scatter_factor(pooled);
  const double size = std::sqrt(shared.score.degrees * shared.score.variance / squares);
  for (auto& part : shared.parts) {
    for (double& x : part) x *= size;
  }
  return shared;
}

}  // namespace ganselect
