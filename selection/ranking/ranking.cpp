#include "selection/ranking/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/seeds.h"
#include "selection/evidence/mean_draws.h"
#include "selection/evidence/viability.h"
#include "selection/ranking/decision.h"
#include "selection/ranking/sensitivity.h"

namespace ganselect {
namespace {

// Weighted criteria that at least one candidate has a score of.
std::vector<std::string> criteria_with_evidence(const Evidence& evidence, const UseCase& use_case,
                                                Ranking& ranking) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < criterion_names().size(); ++i) {
    const auto& name = criterion_names().rows()[i].name;
    const double weight = use_case.weight(name);
    if (weight <= 0.0) continue;
    std::string why = "no trial";
    bool found = false;
    for (const auto& candidate : evidence.candidates) {
      for (const auto& trial : candidate.trials) {
        found = found || trial.criteria[i].score.has_value();
        if (!trial.criteria[i].missing.empty()) why = trial.criteria[i].missing;
      }
    }
    if (found) {
      names.push_back(name);
      ranking.weights[name] = weight;
    } else {
      ranking.warnings.push_back(fmt::format(
          "no evidence on {} ({}): its weight {:.2f} counts nowhere", name, why, weight));
    }
  }
  double sum = 0.0;
  for (const auto& [name, weight] : ranking.weights) sum += weight;
  for (auto& [name, weight] : ranking.weights) weight /= sum;
  return names;
}

// One row a seed: trials of one seed are averaged. Trials that lack a criterion are left out.
SeedRows seed_rows(const CandidateEvidence& candidate, const std::vector<std::size_t>& indices,
                   std::vector<std::string>& missing) {
  std::map<std::uint64_t, SeedRows> by_seed;
  for (const auto& trial : candidate.trials) {
    std::vector<double> row;
    for (const auto index : indices) {
      const auto& value = trial.criteria[index];
      const auto& name = criterion_names().rows()[index].name;
      if (value.score) row.push_back(*value.score);
      if (!value.missing.empty()) missing.push_back(name + " " + value.missing);
    }
    if (row.size() == indices.size()) by_seed[trial.record->seed].push_back(std::move(row));
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  SeedRows rows;
  for (const auto& [seed, trials] : by_seed) rows.push_back(column_means(trials));
  return rows;
}

double evidence_share(const CandidateEvidence& candidate, const UseCase& use_case) {
  if (candidate.trials.empty()) return 0.0;
  double sum = 0.0;
  for (const auto& trial : candidate.trials) {
    for (std::size_t i = 0; i < trial.criteria.size(); ++i) {
      const double weight = use_case.weight(criterion_names().rows()[i].name);
      if (trial.criteria[i].score) sum += weight * trial.criteria[i].available;
    }
  }
  return sum / static_cast<double>(candidate.trials.size());
}

DecisionProblem empty_problem(const std::vector<std::string>& names, const Ranking& ranking) {
  DecisionProblem problem;
  for (const auto& name : names) problem.weights.push_back(ranking.weights.at(name));
  problem.higher_is_better.assign(names.size(), true);
  problem.low.assign(names.size(), 0.0);
  problem.high.assign(names.size(), 1.0);
  return problem;
}

void admit_candidates(const Evidence& evidence, const UseCase& use_case,
                      const std::vector<std::string>& names, Ranking& ranking) {
  std::vector<std::size_t> indices;
  for (const auto& name : names) indices.push_back(criterion_index(name));
  for (const auto& candidate : evidence.candidates) {
    if (auto reason = reason_to_exclude(candidate, use_case.constraints, evidence.baselines)) {
      ranking.excluded.push_back({candidate.name, *reason, candidate.trial_ids()});
      continue;
    }
    RankedCandidate ranked;
    ranked.evidence = &candidate;
    ranked.rows = seed_rows(candidate, indices, ranked.missing);
    if (ranked.rows.empty() || names.empty()) {
      const std::string why = candidate.trials.empty() ? "all its trials failed"
                              : ranked.missing.empty() ? "no evidence on what was asked"
                                                       : join(ranked.missing, "; ");
      ranking.unmeasured.push_back({candidate.name, why, candidate.trial_ids()});
      continue;
    }
    const auto means = column_means(ranked.rows);
    for (std::size_t j = 0; j < names.size(); ++j) ranked.criteria[names[j]] = means[j];
    ranked.confidence = evidence_share(candidate, use_case);
    ranking.ranked.push_back(std::move(ranked));
  }
}

void score_candidates(const std::vector<std::string>& names, const DecisionMethod& method,
                      Ranking& ranking) {
  DecisionProblem problem = empty_problem(names, ranking);
  for (const auto& ranked : ranking.ranked) problem.values.push_back(column_means(ranked.rows));
  const auto scores = method.score(problem);
  const auto front = pareto_front(problem);
  for (std::size_t i = 0; i < ranking.ranked.size(); ++i) {
    auto& ranked = ranking.ranked[i];
    ranked.score = scores[i];
    ranked.on_pareto_front = front[i];
    DecisionProblem by_seed = empty_problem(names, ranking);
    by_seed.values = ranked.rows;
    // Seeds are scored on the fixed ranges whatever the method, so that they do not affect each
    // other.
    ranked.seed_scores = spotis(by_seed);
  }
  std::stable_sort(ranking.ranked.begin(), ranking.ranked.end(),
                   [](const RankedCandidate& a, const RankedCandidate& b) {
                     if (a.score != b.score) return a.score > b.score;
                     if (a.on_pareto_front != b.on_pareto_front) return a.on_pareto_front;
                     return a.evidence->name < b.evidence->name;
                   });
  for (std::size_t i = 0; i < ranking.ranked.size(); ++i) {
    const bool equal = i > 0 && ranking.ranked[i].score == ranking.ranked[i - 1].score;
    ranking.ranked[i].rank = equal ? ranking.ranked[i - 1].rank : static_cast<int>(i) + 1;
  }
}

// What the draws say of each candidate, in the order of ranking.ranked.
struct DrawTally {
  std::vector<std::vector<double>> scores, ranks;  // by candidate, a value a draw
  std::vector<double> best, top3, regret;
};

DrawTally tally_draws(const std::vector<std::string>& names, const DecisionMethod& method,
                      const RankingSettings& settings, const SharedSpread& shared,
                      const Ranking& ranking) {
  const std::size_t count = ranking.ranked.size();
  DrawTally tally{std::vector<std::vector<double>>(count), std::vector<std::vector<double>>(count),
                  std::vector<double>(count), std::vector<double>(count),
                  std::vector<double>(count)};
  std::vector<DrawStream> streams;
  std::vector<MeanDraws> means;
  // A stream for each candidate, so that removing one leaves the others' draws alone.
  for (const auto& ranked : ranking.ranked) {
    streams.emplace_back(stream_seed(settings.seed, "bootstrap " + ranked.evidence->name));
    means.emplace_back(ranked.rows, shared);
  }
  DecisionProblem problem = empty_problem(names, ranking);
  problem.values.resize(count);
  for (std::size_t draw = 0; draw < settings.draws; ++draw) {
    for (std::size_t i = 0; i < count; ++i) {
      problem.values[i] = means[i].draw(streams[i]);
      for (double& x : problem.values[i]) x = std::clamp(x, 0.0, 1.0);
    }
    const auto scores = method.score(problem);
    const double top = *std::max_element(scores.begin(), scores.end());
    const auto winners = static_cast<double>(std::count(scores.begin(), scores.end(), top));
    for (std::size_t i = 0; i < count; ++i) {
      const auto above =
          std::count_if(scores.begin(), scores.end(), [&](double s) { return s > scores[i]; });
      tally.scores[i].push_back(scores[i]);
      tally.ranks[i].push_back(static_cast<double>(above + 1));
      if (above == 0) tally.best[i] += 1.0 / winners;
      if (above < 3) tally.top3[i] += 1.0;
      tally.regret[i] += top - scores[i];
    }
  }
  return tally;
}

// Each candidate's variance over seeds, with what the others say of it.
SharedSpread share_spread(const std::vector<std::string>& names, Ranking& ranking) {
  std::vector<double> weights;
  for (const auto& name : names) weights.push_back(ranking.weights.at(name));
  std::vector<SeedRows> rows;
  for (const auto& ranked : ranking.ranked) rows.push_back(ranked.rows);
  auto shared = shared_spread(rows, weights);
  ranking.common_variance = shared.score;
  for (auto& ranked : ranking.ranked) {
    if (ranked.rows.size() >= 2)
      ranked.seed_variance = moderated(score_variance(ranked.rows, weights), shared.score);
  }
  return shared;
}

void add_uncertainty(const std::vector<std::string>& names, const DecisionMethod& method,
                     const RankingSettings& settings, Ranking& ranking) {
  const auto shared = share_spread(names, ranking);
  if (settings.draws == 0) return;
  const auto tally = tally_draws(names, method, settings, shared, ranking);
  const auto draws = static_cast<double>(settings.draws);
  for (std::size_t i = 0; i < ranking.ranked.size(); ++i) {
    auto& ranked = ranking.ranked[i];
    if (ranked.rows.size() < 2) continue;
    ranked.score_interval = central_interval(tally.scores[i], settings.level);
    const auto ranks = central_interval(tally.ranks[i], settings.level);
    ranked.rank_interval = Interval{std::floor(ranks.low), std::ceil(ranks.high)};
    ranked.p_best = tally.best[i] / draws;
    ranked.p_top3 = tally.top3[i] / draws;
    ranked.expected_regret = tally.regret[i] / draws;
  }
  for (auto& a : ranking.ranked) {
    for (const auto& b : ranking.ranked) {
      if (&a == &b || !a.score_interval || !b.score_interval) continue;
      if (a.score_interval->low <= b.score_interval->high &&
          b.score_interval->low <= a.score_interval->high)
        a.tied_with.push_back(b.evidence->name);
    }
  }
}

void warn_of_thin_evidence(Ranking& ranking) {
  std::vector<std::string> single, partial;
  for (const auto& ranked : ranking.ranked) {
    if (ranked.rows.size() < 2) single.push_back(ranked.evidence->name);
    if (ranked.confidence < 0.999)
      partial.push_back(
          fmt::format("{} ({:.0f}%)", ranked.evidence->name, 100.0 * ranked.confidence));
  }
  if (!single.empty()) {
    ranking.warnings.push_back("one seed: no interval for " + join(single));
    if (single.size() < ranking.ranked.size())
      ranking.warnings.push_back(
          "the chances of the others take candidates of one seed at their measured value");
  }
  if (!partial.empty())
    ranking.warnings.push_back("measures are missing, the share of the evidence at hand is: " +
                               join(partial));
  if (!ranking.ranked.empty() && !ranking.ranked.front().tied_with.empty())
    ranking.warnings.push_back(
        fmt::format("{} is first but tied with {}: the seeds cannot tell them apart",
                    ranking.ranked.front().evidence->name, join(ranking.ranked.front().tied_with)));
}

}  // namespace

bool is_tied_with_leader(const Ranking& ranking, const RankedCandidate& one) {
  const auto& leader = ranking.ranked.front();
  return one.evidence->name == leader.evidence->name ||
         std::find(leader.tied_with.begin(), leader.tied_with.end(), one.evidence->name) !=
             leader.tied_with.end();
}

std::size_t count_rankable(const Evidence& evidence, const UseCase& use_case) {
  Ranking ranking;
  admit_candidates(evidence, use_case, criteria_with_evidence(evidence, use_case, ranking),
                   ranking);
  return ranking.ranked.size();
}

Ranking rank_candidates(const Evidence& evidence, const UseCase& use_case,
                        const RankingSettings& settings) {
  const auto& method = decision_methods().at(settings.method);
  Ranking ranking;
  const auto names = criteria_with_evidence(evidence, use_case, ranking);
  admit_candidates(evidence, use_case, names, ranking);
  if (!ranking.ranked.empty()) {
    score_candidates(names, method, ranking);
    add_uncertainty(names, method, settings, ranking);
    if (method.fixed_ranges) ranking.sensitivity = weight_sensitivity(ranking);
  } else {
    ranking.warnings.push_back("no candidate is left to rank");
  }
  warn_of_thin_evidence(ranking);
  return ranking;
}

}  // namespace ganselect
