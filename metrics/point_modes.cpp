#include "metrics/point_modes.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace ganselect {
namespace {

struct PointPair {
  torch::Tensor points, centres;  // float64 (N,2), (M,2)
};

PointPair checked_points(const torch::Tensor& points, const torch::Tensor& centres, double radius) {
  PointPair pair{points.to(torch::kCPU, torch::kFloat64), centres.to(torch::kCPU, torch::kFloat64)};
  const auto &x = pair.points, &c = pair.centres;
  if (x.dim() != 2 || c.dim() != 2 || x.size(1) != c.size(1) || x.size(0) < 1 || c.size(0) < 1 ||
      !(radius > 0)) {
    fail(ErrorKind::kData, {.where = "point modes",
                            .expected = "points (N,2), centres (M,2) and a radius > 0",
                            .got = c10::str(x.sizes()) + ", " + c10::str(c.sizes()) + " and " +
                                   std::to_string(radius)});
  }
  return pair;
}

torch::Tensor distances_to(const torch::Tensor& points, const torch::Tensor& centre) {
  return (points - centre).square().sum(1).sqrt();
}

// Half the distance of each centre to its nearest other one; infinite for a single centre.
std::vector<double> half_ways(const torch::Tensor& centres) {
  std::vector<double> half;
  for (int64_t m = 0; m < centres.size(0); ++m) {
    auto distance = distances_to(centres, centres[m]);
    distance[m] = std::numeric_limits<double>::infinity();
    half.push_back(distance.min().item<double>() / 2);
  }
  return half;
}

// Points a mode that reach `level` for certain, when all of a mode's points are near its centre.
int64_t least_of_a_mode(double share, double level) {
  return static_cast<int64_t>(std::ceil(std::log(level) / std::log(share)));
}

std::optional<std::string> obstacle_of(int64_t points, int64_t modes, double share,
                                       int64_t needed) {
  if (modes < 2) return "one centre has no other to be told from";
  if (share >= 1) return "the centres lie too near each other to have surroundings";
  if (points >= needed) return std::nullopt;
  return fmt::format("{} points are too few to tell {} modes from chance: at least {} are needed",
                     points, modes, needed);
}

}  // namespace

PointModes count_point_modes(const torch::Tensor& points, const torch::Tensor& centres,
                             double radius) {
  const auto [x, c] = checked_points(points, centres, radius);
  // Few centres: one at a time, by direct differences.
  auto nearest = torch::full({x.size(0)}, std::numeric_limits<double>::infinity(), torch::kFloat64);
  auto owner = torch::zeros({x.size(0)}, torch::kInt64);
  for (int64_t m = 0; m < c.size(0); ++m) {
    const auto distance = distances_to(x, c[m]);
    const auto nearer = distance.lt(nearest);
    nearest = torch::where(nearer, distance, nearest);
    owner.masked_fill_(nearer, m);
  }
  const auto near = nearest.le(radius);
  return {.histogram = owner.masked_select(near).bincount({}, c.size(0)),
          .high_quality_share = near.to(torch::kFloat64).mean().item<double>()};
}

ModesAboveChance modes_above_chance(const torch::Tensor& points, const torch::Tensor& centres,
                                    double radius, double level) {
  const auto [x, c] = checked_points(points, centres, radius);
  const auto half = half_ways(c);
  const double share = radius / *std::min_element(half.begin(), half.end());
  ModesAboveChance result;
  if (c.size(0) > 1 && share < 1) result.samples_needed = c.size(0) * least_of_a_mode(share, level);
  result.obstacle = obstacle_of(x.size(0), c.size(0), share, result.samples_needed);
  if (result.obstacle) return result;
  for (int64_t m = 0; m < c.size(0); ++m) {
    const auto distance = distances_to(x, c[m]);
    const double reach = half[static_cast<std::size_t>(m)];
    const auto near = distance.le(radius).sum().item<int64_t>();
    const auto around = distance.le(reach).sum().item<int64_t>();
    result.p_values.push_back(binomial_upper_tail(near, around, radius / reach));
  }
  result.counted = below_false_share(result.p_values, level);
  result.modes = std::count(result.counted.begin(), result.counted.end(), true);
  return result;
}

double binomial_upper_tail(std::int64_t k, std::int64_t n, double p) {
  if (k <= 0) return 1.0;
  const auto real = [](std::int64_t i) { return static_cast<double>(i); };
  const double first =
      std::exp(std::lgamma(real(n) + 1) - std::lgamma(real(k) + 1) - std::lgamma(real(n - k) + 1) +
               real(k) * std::log(p) + real(n - k) * std::log1p(-p));
  const double odds = p / (1 - p);
  // The shorter way from k: upwards above the mean, else downwards from k - 1 to what is left of 1.
  double term = first, sum = 0;
  if (real(k) > real(n) * p) {
    for (std::int64_t i = k; i <= n && term > sum * 1e-17; ++i) {
      sum += term;
      term *= odds * real(n - i) / real(i + 1);
    }
    return std::min(1.0, sum);
  }
  for (std::int64_t i = k; i > 0 && (term > sum * 1e-17 || i == k); --i) {
    term *= real(i) / (odds * real(n - i + 1));
    sum += term;
  }
  return std::clamp(1.0 - sum, 0.0, 1.0);
}

std::vector<bool> below_false_share(const std::vector<double>& p_values, double level) {
  auto sorted = p_values;
  std::sort(sorted.begin(), sorted.end());
  const auto count = static_cast<double>(sorted.size());
  double limit = -1;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] <= level * static_cast<double>(i + 1) / count) limit = sorted[i];
  }
  std::vector<bool> stand;
  for (const double p : p_values) stand.push_back(p <= limit);
  return stand;
}

}  // namespace ganselect
