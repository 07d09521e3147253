// Candidates in order for a use case, with what is not known of that order.
// Constraints first; then a score from the criteria by fixed reference ranges (decision.h), which
// the Pareto front cannot contradict: with SPOTIS a dominated candidate never scores above the one
// that dominates it. Uncertainty over training seeds by draws (bootstrap.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/records/summary.h"
#include "selection/evidence/bootstrap.h"
#include "selection/evidence/evidence.h"
#include "selection/evidence/seed_spread.h"
#include "selection/query/use_case.h"

namespace ganselect {

struct RankingSettings {
  std::string method = "spotis";  ///< a row of decision_methods()
  std::size_t draws = 2000;       ///< of the bootstrap; more make steadier intervals
  double level = 0.95;            ///< of intervals and ties
  std::uint64_t seed = 0;         ///< of the draws; the same seed gives the same bytes
};

/// A candidate's place. What rests on the spread over seeds is absent for a candidate of one seed.
struct RankedCandidate {
  const CandidateEvidence* evidence = nullptr;
  std::map<std::string, double> criteria;  ///< mean over seeds, of the criteria that count
  SeedRows rows;                           ///< the same by seed
  std::vector<double> seed_scores;         ///< score of each seed by itself
  SeedVariance seed_variance;  ///< of one seed's score, moderated; 0 degrees for one seed
  double score = 0.0;          ///< 0 to 1, 1 is ideal
  int rank = 0;                ///< 1 is best; equal scores share a rank
  bool on_pareto_front = false;
  double confidence = 0.0;  ///< share of the wished-for evidence that was measured, 0 to 1
  std::optional<Interval> score_interval;
  std::optional<Interval> rank_interval;  ///< whole numbers
  std::optional<double> p_best, p_top3;
  std::optional<double> expected_regret;  ///< mean score lost to the best, in score points
  std::vector<std::string> tied_with;     ///< candidates whose score intervals overlap this one's
  std::vector<std::string> missing;       ///< evidence it lacks, a clause each
};

/// A candidate outside the order, and why.
struct Unranked {
  std::string candidate;
  std::string reason;
  std::vector<std::string> trials;
};

/// The first weight of one criterion at which another candidate takes the lead, the other weights
/// keeping their proportions.
struct WeightSensitivity {
  std::string criterion;
  double weight = 0.0;  ///< as it is
  struct Change {
    double weight = 0.0;
    std::string candidate;
  };
  std::optional<Change> above, below;  ///< absent: the leader stays to the end of the range
};

struct Ranking {
  std::vector<RankedCandidate> ranked;    ///< best first
  std::vector<Unranked> excluded;         ///< a constraint is not met
  std::vector<Unranked> unmeasured;       ///< a criterion cannot be computed
  std::map<std::string, double> weights;  ///< of the criteria that count, summing to 1
  SeedVariance common_variance;  ///< of one seed's score, that the candidates share; may be nothing
  std::vector<WeightSensitivity> sensitivity;  ///< empty for a method without fixed ranges
  std::vector<std::string> warnings;
};

/// Whether own trials cannot tell the candidate from the first of `ranking.ranked` (which is tied
/// with itself).
bool is_tied_with_leader(const Ranking& ranking, const RankedCandidate& one);

/// How many candidates rank_candidates would rank.
std::size_t count_rankable(const Evidence& evidence, const UseCase& use_case);

/// Ranks the candidates of `evidence`, which must outlive the result. A criterion that no candidate
/// has evidence of is left out with a warning and its weight shared among the others; a candidate
/// that lacks a criterion which others have is not ranked. Throws kUsage for an unknown method.
Ranking rank_candidates(const Evidence& evidence, const UseCase& use_case,
                        const RankingSettings& settings);

}  // namespace ganselect
