// What the tests behind the claims are put together from; for claim_*.cpp alone.
#pragma once

#include <string>
#include <vector>

#include "selection/survey/claims.h"
#include "selection/survey/contrasts.h"
#include "selection/survey/seed_tests.h"

namespace ganselect::claim_tests {

using Candidates = std::vector<const CandidateEvidence*>;

/// The candidate of that name, or the one that was trained in its place, if it has trials; else
/// nullptr.
const CandidateEvidence* find_candidate(const Evidence& evidence, const std::string& name);

TrialValue measure_value(const std::string& measure);
/// Its logarithm; absent where it is not positive.
TrialValue log_measure(const std::string& measure);
TrialValue criterion_value(const std::string& name);

/// A test without a p-value, and why.
ClaimTest not_tested(const std::string& reason);

/// What an effect is told in.
struct EffectUnit {
  std::string name;
  /// Differences are of logarithms, told as the share by which the second is larger: 1 - exp(-x).
  bool log_ratio = false;
  /// As told: a gain within it is none that matters. Absent: every gain counts.
  std::optional<double> margin = {};

  double told(double x) const;
  /// The margin among the differences.
  double tested_margin() const;
};

/// Two-sided: the mean of the differences is not 0. Positive is as claimed; a mean that is shown to
/// be within the unit's margin of 0 contradicts the claim too.
ClaimTest test_estimate(const std::optional<SeedEstimate>& estimate, const EffectUnit& unit,
                        const Candidates& candidates);
ClaimTest test_pairs(const SeedTable& table, const std::vector<SeedPair>& pairs,
                     const EffectUnit& unit);

/// Equivalence within the unit's margin, by two one-sided tests. The effect is told as a loss,
/// whichever side has it.
ClaimTest test_equivalence(const SeedTable& table, const SeedPair& pair, const EffectUnit& unit);

/// The mean of the differences is above -margin: less is lost than matters.
ClaimTest test_no_loss(const SeedTable& table, const std::vector<SeedPair>& pairs,
                       const EffectUnit& unit);

/// All parts must hold: the largest p-value counts, and the weakest effect is shown, of the parts
/// that could not be tested where there are such. If a part goes
/// the other way, the claim fails by the strongest of those, corrected for their number.
ClaimTest all_of(std::vector<ClaimTest> parts);

/// One part is enough, corrected for the number tried; the claim fails only if all parts do.
ClaimTest any_of(const std::vector<ClaimTest>& parts);

}  // namespace ganselect::claim_tests
