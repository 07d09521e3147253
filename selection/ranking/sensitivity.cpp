#include "selection/ranking/sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ganselect {
namespace {

constexpr double kLevel = 0.975;  // two-sided 95%
constexpr double kPower = 0.8;
constexpr std::size_t kMostSeeds = 1000;

// Mean score of one criterion over the seeds, where every trial has it.
std::optional<double> mean_criterion(const RankedCandidate& ranked, std::size_t index) {
  double sum = 0.0;
  for (const auto& trial : ranked.evidence->trials) {
    if (!trial.criteria[index].score) return std::nullopt;
    sum += *trial.criteria[index].score;
  }
  return sum / static_cast<double>(ranked.evidence->trials.size());
}

// Score without the criterion, the other weights scaled up to sum to 1.
double rest_score(const RankedCandidate& ranked, const Ranking& ranking,
                  const std::string& criterion) {
  double sum = 0.0, weights = 0.0;
  for (const auto& [name, weight] : ranking.weights) {
    if (name == criterion) continue;
    sum += weight * ranked.criteria.at(name);
    weights += weight;
  }
  return sum / weights;
}

void keep_nearest(std::optional<WeightSensitivity::Change>& change, double weight,
                  const std::string& name, double now) {
  if (!change || std::abs(weight - now) < std::abs(change->weight - now))
    change = WeightSensitivity::Change{weight, name};
}

std::optional<WeightSensitivity> sensitivity_to(const Ranking& ranking,
                                                const std::string& criterion, std::size_t index) {
  const auto found = ranking.weights.find(criterion);
  const double now = found == ranking.weights.end() ? 0.0 : found->second;
  if (now >= 1.0) return std::nullopt;  // there are no other weights to keep in proportion
  std::vector<double> values, rests;
  for (const auto& ranked : ranking.ranked) {
    const auto value = found == ranking.weights.end()
                           ? mean_criterion(ranked, index)
                           : std::optional(ranked.criteria.at(criterion));
    if (!value) return std::nullopt;
    values.push_back(*value);
    rests.push_back(rest_score(ranked, ranking, criterion));
  }
  WeightSensitivity sensitivity{criterion, now, {}, {}};
  for (std::size_t k = 1; k < values.size(); ++k) {
    const double lead_here = values[k] - values[0];
    const double lead_rest = rests[k] - rests[0];
    if (lead_rest == lead_here) continue;
    const double crossing = lead_rest / (lead_rest - lead_here);
    const auto& name = ranking.ranked[k].evidence->name;
    if (crossing > now && crossing < 1.0 && lead_here > lead_rest)
      keep_nearest(sensitivity.above, crossing, name, now);
    if (crossing < now && crossing > 0.0 && lead_here < lead_rest)
      keep_nearest(sensitivity.below, crossing, name, now);
  }
  return sensitivity;
}

// Gap found in 8 of 10 cases with seeds of variances `first` and `second`, n of each.
double detectable_gap(const SeedVariance& first, double n1, const SeedVariance& second, double n2) {
  const double a = first.variance / n1, b = second.variance / n2;
  if (a + b <= 0.0) return 0.0;
  const double degrees = (a + b) * (a + b) / (a * a / first.degrees + b * b / second.degrees);
  return (student_t_quantile(kLevel, degrees) + student_t_quantile(kPower, degrees)) *
         std::sqrt(a + b);
}

}  // namespace

std::vector<WeightSensitivity> weight_sensitivity(const Ranking& ranking) {
  std::vector<WeightSensitivity> all;
  if (ranking.ranked.size() < 2) return all;
  for (std::size_t i = 0; i < criterion_names().size(); ++i) {
    if (auto found = sensitivity_to(ranking, criterion_names().rows()[i].name, i))
      all.push_back(std::move(*found));
  }
  return all;
}

std::optional<ClosestCall> closest_call(const Ranking& ranking) {
  if (ranking.ranked.size() < 2) return std::nullopt;
  const auto& a = ranking.ranked[0];
  const auto& b = ranking.ranked[1];
  ClosestCall call{a.evidence->name, b.evidence->name, a.score - b.score, {}, {}, {}};
  if (a.rows.size() < 2 || b.rows.size() < 2) {
    call.note = "one seed: the spread over seeds is not known";
    return call;
  }
  const auto &v1 = a.seed_variance, &v2 = b.seed_variance;
  const auto n1 = static_cast<double>(a.rows.size()), n2 = static_cast<double>(b.rows.size());
  call.detectable = detectable_gap(v1, n1, v2, n2);
  if (call.gap <= 0.0) {
    call.note = "equal scores: no number of seeds can be named";
    return call;
  }
  for (std::size_t n = 2; n <= kMostSeeds; ++n) {
    const double count = static_cast<double>(n);
    const SeedVariance w1{v1.variance, v1.degrees + count - n1};
    const SeedVariance w2{v2.variance, v2.degrees + count - n2};
    if (detectable_gap(w1, count, w2, count) > call.gap) continue;
    call.seeds_needed = n;
    return call;
  }
  call.note = fmt::format("more than {} seeds", kMostSeeds);
  return call;
}

}  // namespace ganselect
