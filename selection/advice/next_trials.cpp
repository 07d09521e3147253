#include "selection/advice/next_trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace ganselect {
namespace {

constexpr std::size_t kMostContenders = 6;  // a next plan should be one that is run
constexpr std::size_t kLeastSeeds = 3;
constexpr std::size_t kMostTrials = 12;
constexpr double kDecided = 0.001;  // score points: less than any figure shows

// A candidate that may be best, with the seeds that are planned for it.
struct Contender {
  const RankedCandidate* ranked = nullptr;
  double mean = 0.0, variance = 0.0;  // of the score over seeds, moderated
  std::size_t seeds = 0;
  std::set<std::uint64_t> taken;
  std::vector<std::uint64_t> added;
  std::optional<double> seconds;  // of one more trial

  double squared_error() const { return variance / static_cast<double>(seeds + added.size()); }
};

bool may_be_best(const RankedCandidate& ranked, const RankedCandidate& leader) {
  if (&ranked == &leader || ranked.rows.size() < 2 || leader.rows.size() < 2) return true;
  return std::find(leader.tied_with.begin(), leader.tied_with.end(), ranked.evidence->name) !=
         leader.tied_with.end();
}

// Steps over the mean measured rate; the measured training time where no rate was recorded.
std::optional<double> seconds_of_a_trial(const CandidateEvidence& candidate) {
  double sum = 0.0;
  std::size_t n = 0;
  for (const auto& trial : candidate.trials) {
    const auto rate = trial.record->measure("updates_per_second");
    const auto seconds = rate && *rate > 0.0
                             ? static_cast<double>(trial.record->budget.steps) / *rate
                             : trial.record->measure("train_seconds");
    if (!seconds) continue;
    sum += *seconds;
    ++n;
  }
  if (n == 0) return std::nullopt;
  return sum / static_cast<double>(n);
}

Contender contender_of(const RankedCandidate& ranked) {
  Contender one;
  one.ranked = &ranked;
  one.mean = summarize(ranked.seed_scores).mean.value_or(ranked.score);
  one.variance = ranked.seed_variance.variance;
  one.seeds = ranked.rows.size();
  for (const auto& trial : ranked.evidence->trials) one.taken.insert(trial.record->seed);
  for (const auto* record : ranked.evidence->failed) one.taken.insert(record->seed);
  one.seconds = seconds_of_a_trial(*ranked.evidence);
  return one;
}

// The smallest seeds that are free, so that candidates come to share their seeds.
void add_seed(Contender& one) {
  std::uint64_t seed = 0;
  while (one.taken.contains(seed)) ++seed;
  one.taken.insert(seed);
  one.added.push_back(seed);
}

double loss_of(const std::vector<Contender>& contenders) {
  double sum = 0.0;
  const auto& leader = contenders.front();
  for (std::size_t k = 1; k < contenders.size(); ++k)
    sum += expected_loss(leader.mean - contenders[k].mean,
                         std::sqrt(leader.squared_error() + contenders[k].squared_error()));
  return sum;
}

// One trial where it helps most; false where none helps.
bool add_best_trial(std::vector<Contender>& contenders) {
  const bool timed = std::all_of(contenders.begin(), contenders.end(),
                                 [](const auto& one) { return one.seconds.value_or(0.0) > 0.0; });
  const double now = loss_of(contenders);
  Contender* best = nullptr;
  double most = 0.0;
  for (auto& one : contenders) {
    one.added.push_back(0);
    const double gain = (now - loss_of(contenders)) / (timed ? *one.seconds : 1.0);
    one.added.pop_back();
    if (gain <= most) continue;
    most = gain;
    best = &one;
  }
  if (best == nullptr) return false;
  add_seed(*best);
  return true;
}

// What was trained, but for where and by which seed; settings at null keep the candidate's own.
Json training_settings(const Record& record) {
  static const std::set<std::string> elsewhere = {
      "point",           "dataset",          "seed", "device",  "threads", "evaluation",
      "detector_digest", "detector_digests", "out",  "data_dir"};
  Json train = Json::object();
  for (const auto& [key, value] : record.settings.items()) {
    if (!elsewhere.contains(key) && !value.is_null()) train[key] = value;
  }
  // Trials from before there was a draw took the first samples.
  if (train.value("dataset_limit", 0) > 0 && !train.contains("dataset_draw"))
    train["dataset_draw"] = nullptr;
  train["steps"] = record.budget.steps;
  // Since there are versions the batch is the candidate's own, unless the settings name one.
  if (!record.versions) train["batch"] = record.budget.batch;
  train["width"] = record.budget.width;
  return train;
}

Json evaluation_settings(const Record& record) {
  const auto recorded = record.settings.find("evaluation");
  if (recorded != record.settings.end() && recorded->is_object()) return *recorded;
  Json evaluation = Json::object();
  const auto count = record.measures.protocol.find("n_fake");
  if (count != record.measures.protocol.end() && count->is_number_integer())
    evaluation["num_samples"] = *count;
  return evaluation;
}

Json plan_like(const Record& record, const std::string& name, const std::string& title) {
  return {{"name", name},
          {"title", title},
          {"dataset", record.dataset.name},
          {"points", Json::array()},
          {"seeds", Json::array()},
          {"train", training_settings(record)},
          {"evaluation", evaluation_settings(record)}};
}

// What differs from the plan's settings; null takes one back.
Json settings_beyond(const Json& mine, const Json& plans) {
  Json more = Json::object();
  for (const auto& [key, value] : mine.items()) {
    if (!plans.contains(key) || plans[key] != value) more[key] = value;
  }
  for (const auto& [key, value] : plans.items()) {
    if (!mine.contains(key)) more[key] = nullptr;
  }
  return more;
}

Json plan_of(const std::vector<Contender>& contenders, const std::string& why) {
  const Record& first = *contenders.front().ranked->evidence->trials.front().record;
  Json plan = plan_like(first, "next", why);
  Json arms = Json::array();
  std::set<std::uint64_t> seeds;
  for (const auto& one : contenders) {
    if (one.added.empty()) continue;
    const Record& record = *one.ranked->evidence->trials.front().record;
    seeds.insert(one.added.begin(), one.added.end());
    arms.push_back({{"name", record.candidate.name},
                    {"points", Json::array({record.candidate.name})},
                    {"seeds", one.added},
                    {"train", settings_beyond(training_settings(record), plan["train"])}});
  }
  plan["seeds"] = seeds;
  const bool alike = std::all_of(arms.begin(), arms.end(), [&](const Json& arm) {
    return arm["train"].empty() && arm["seeds"] == plan["seeds"];
  });
  if (!alike) {
    plan["arms"] = arms;
    return plan;
  }
  for (const auto& arm : arms) plan["points"].push_back(arm["points"][0]);
  return plan;
}

NextTrials describe_trials(const std::vector<Contender>& contenders) {
  NextTrials next;
  double seconds = 0.0;
  bool timed = true;
  std::vector<std::string> parts;
  for (const auto& one : contenders) {
    if (one.added.empty()) continue;
    next.trials += one.added.size();
    next.by_candidate[one.ranked->evidence->name] = one.added.size();
    parts.push_back(fmt::format("{} of {}", one.added.size(), one.ranked->evidence->name));
    timed = timed && one.seconds;
    seconds += one.seconds.value_or(0.0) * static_cast<double>(one.added.size());
  }
  if (timed) next.estimated_seconds = seconds;
  next.why = fmt::format("{} further trial(s): {}", next.trials, join(parts));
  return next;
}

}  // namespace

double expected_loss(double gap, double error) {
  if (error <= 0.0) return std::max(0.0, -gap);
  const double z = gap / error;
  const double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
  return error * density - gap * 0.5 * std::erfc(z / std::numbers::sqrt2);
}

std::optional<NextTrials> next_trials(const Ranking& ranking) {
  if (ranking.ranked.size() < 2) return std::nullopt;
  std::vector<Contender> contenders;
  for (const auto& ranked : ranking.ranked) {
    if (contenders.size() < kMostContenders && may_be_best(ranked, ranking.ranked.front()))
      contenders.push_back(contender_of(ranked));
  }
  if (contenders.size() < 2) return std::nullopt;
  const bool known = std::all_of(contenders.begin(), contenders.end(),
                                 [](const auto& one) { return one.seeds >= 2; });
  const double loss_now = loss_of(contenders);
  for (auto& one : contenders) {
    while (one.seeds + one.added.size() < kLeastSeeds) add_seed(one);
  }
  std::size_t trials = 0;
  for (const auto& one : contenders) trials += one.added.size();
  for (; known && trials < kMostTrials && loss_of(contenders) > kDecided; ++trials) {
    if (!add_best_trial(contenders)) break;
  }
  if (trials == 0) return std::nullopt;
  NextTrials next = describe_trials(contenders);
  if (known) {
    next.loss_now = loss_now;
    next.loss_then = loss_of(contenders);
  }
  next.plan = plan_of(contenders, next.why);
  return next;
}

Json space_plan(const Evidence& evidence, const RemainingSpace& space) {
  const Record* like = nullptr;
  for (const auto& candidate : evidence.candidates) {
    if (candidate.trials.empty()) continue;
    const Record* first = candidate.trials.front().record;
    if (like == nullptr || first->seed < like->seed) like = first;
  }
  if (like == nullptr || space.remaining.empty()) return Json::object();
  Json plan = plan_like(
      *like, "space",
      fmt::format("the {} of {} valid points that remain", space.remaining.size(), space.total));
  // Settings in which candidates differ are theirs, not the plan's.
  for (const auto& candidate : evidence.candidates) {
    if (candidate.trials.empty()) continue;
    const Json mine = training_settings(*candidate.trials.front().record);
    std::vector<std::string> own;
    for (const auto& [key, value] : plan["train"].items()) {
      if (!mine.contains(key) || mine[key] != value) own.push_back(key);
    }
    for (const auto& key : own) plan["train"].erase(key);
  }
  plan["points"] = space.remaining;
  plan["seeds"] = Json::array({like->seed});
  return plan;
}

}  // namespace ganselect
