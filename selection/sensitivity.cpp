#include "selection/sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ganselect {
namespace {

constexpr double kLevel = 0.975;  // two-sided 95%
constexpr double kPower = 0.8;
constexpr std::size_t kMostSeeds = 1000;
constexpr std::size_t kMostContenders = 6;  // a next plan should be one that is run
constexpr std::size_t kMostNewSeeds = 5;
constexpr std::size_t kLeastSeeds = 3;

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

double variance_of(const std::vector<double>& values) {
  const auto summary = summarize(values);
  return summary.sd ? *summary.sd * *summary.sd : 0.0;
}

// Gap found in 8 of 10 cases with n1 and n2 seeds of variances v1 and v2.
double detectable_gap(double v1, double n1, double v2, double n2) {
  const double a = v1 / n1, b = v2 / n2;
  if (a + b <= 0.0) return 0.0;
  const double degrees = (a + b) * (a + b) / (a * a / (n1 - 1.0) + b * b / (n2 - 1.0));
  return (student_t_quantile(kLevel, degrees) + student_t_quantile(kPower, degrees)) *
         std::sqrt(a + b);
}

bool may_be_best(const RankedCandidate& ranked, const RankedCandidate& leader) {
  if (&ranked == &leader || ranked.rows.size() < 2 || leader.rows.size() < 2) return true;
  return std::find(leader.tied_with.begin(), leader.tied_with.end(), ranked.evidence->name) !=
         leader.tied_with.end();
}

std::optional<double> mean_seconds(const RankedCandidate& ranked) {
  double sum = 0.0;
  std::size_t n = 0;
  for (const auto& trial : ranked.evidence->trials) {
    if (const auto seconds = trial.record->measure("train_seconds")) {
      sum += *seconds;
      ++n;
    }
  }
  if (n == 0) return std::nullopt;
  return sum / static_cast<double>(n);
}

// The settings and counts that make new trials comparable with those at hand.
void copy_protocol(const Record& record, Json& plan) {
  plan["dataset"] = record.dataset.name;
  Json train = Json::object();
  for (const char* key : {"dataset_limit", "steps", "batch", "width", "precision", "ema_decay",
                          "curve_interval", "evaluation_interval", "on_collapse"}) {
    const auto value = record.settings.find(key);
    if (value != record.settings.end() && !value->is_null()) train[key] = *value;
  }
  train["steps"] = record.budget.steps;
  train["batch"] = record.budget.batch;
  train["width"] = record.budget.width;
  plan["train"] = train;
  Json evaluation = Json::object();
  const auto count = record.measures.protocol.find("n_fake");
  if (count != record.measures.protocol.end() && count->is_number_integer())
    evaluation["num_samples"] = *count;
  if (!record.checkpoints.empty()) {
    const auto& protocol = record.checkpoints.front().measures.protocol;
    const auto fewer = protocol.find("n_fake");
    if (fewer != protocol.end() && fewer->is_number_integer())
      evaluation["checkpoint_samples"] = *fewer;
  }
  plan["evaluation"] = evaluation;
}

}  // namespace

std::vector<WeightSensitivity> weight_sensitivity(const Ranking& ranking) {
  std::vector<WeightSensitivity> all;
  if (ranking.ranked.size() < 2) return all;
  for (std::size_t i = 0; i < kCriteria; ++i) {
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
  const double v1 = variance_of(a.seed_scores), v2 = variance_of(b.seed_scores);
  call.detectable = detectable_gap(v1, static_cast<double>(a.rows.size()), v2,
                                   static_cast<double>(b.rows.size()));
  if (call.gap <= 0.0) {
    call.note = "equal scores: no number of seeds can be named";
    return call;
  }
  for (std::size_t n = 2; n <= kMostSeeds; ++n) {
    const double count = static_cast<double>(n);
    if (detectable_gap(v1, count, v2, count) > call.gap) continue;
    call.seeds_needed = n;
    return call;
  }
  call.note = fmt::format("more than {} seeds", kMostSeeds);
  return call;
}

std::optional<NextTrials> next_trials(const Ranking& ranking) {
  const auto call = closest_call(ranking);
  if (!call) return std::nullopt;
  const auto& leader = ranking.ranked.front();
  std::vector<const RankedCandidate*> contenders;
  for (const auto& ranked : ranking.ranked) {
    if (contenders.size() < kMostContenders && may_be_best(ranked, leader))
      contenders.push_back(&ranked);
  }
  if (contenders.size() < 2) return std::nullopt;
  std::uint64_t first_seed = 0;
  std::size_t fewest = kMostSeeds;
  for (const auto* ranked : contenders) {
    fewest = std::min(fewest, ranked->rows.size());
    for (const auto& trial : ranked->evidence->trials)
      first_seed = std::max(first_seed, trial.record->seed + 1);
  }
  // Where the spread is not known yet, three seeds each come first.
  const bool spread_known = call->detectable.has_value();
  const std::size_t wanted =
      spread_known ? std::max(kLeastSeeds, call->seeds_needed.value_or(kMostSeeds)) : kLeastSeeds;
  const std::size_t added =
      std::clamp<std::size_t>(wanted > fewest ? wanted - fewest : 1, 1, kMostNewSeeds);
  NextTrials next;
  std::vector<std::string> points;
  double seconds = 0.0;
  bool timed = true;
  for (const auto* ranked : contenders) {
    points.push_back(ranked->evidence->name);
    const auto mean = mean_seconds(*ranked);
    timed = timed && mean;
    seconds += mean.value_or(0.0) * static_cast<double>(added);
  }
  std::vector<std::uint64_t> seeds;
  for (std::size_t i = 0; i < added; ++i) seeds.push_back(first_seed + i);
  next.trials = points.size() * added;
  if (timed) next.estimated_seconds = seconds;
  next.why =
      fmt::format("{} further seed(s) of the {} candidates that may be best", added, points.size());
  next.plan = {{"name", "next"}, {"title", next.why}};
  copy_protocol(*leader.evidence->trials.front().record, next.plan);
  next.plan["points"] = points;
  next.plan["seeds"] = seeds;
  return next;
}

}  // namespace ganselect
