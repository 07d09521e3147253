// What the tests behind the claims are put together from; for claim_*.cpp alone.
#pragma once

#include <string>
#include <vector>

#include "selection/survey/claims.h"
#include "selection/survey/contrasts.h"

namespace ganselect::claim_tests {

using Candidates = std::vector<const CandidateEvidence*>;

/// The candidate of that name if it has trials, else nullptr.
const CandidateEvidence* find_candidate(const Evidence& evidence, const std::string& name);

TrialValue measure_value(const std::string& measure);
TrialValue criterion_value(const std::string& name);

/// A test without a p-value, and why.
ClaimTest not_tested(const std::string& reason);

/// Two-sided: the mean of the differences is not 0. Positive is as claimed.
ClaimTest test_differences(const BySeed& differences, const std::string& unit,
                           const Candidates& candidates);

/// Equivalence by two one-sided tests against a margin (Schuirmann 1987).
ClaimTest test_equivalence(const BySeed& differences, double margin, const std::string& unit,
                           const Candidates& candidates);

/// All parts must hold: the largest p-value counts, and the weakest effect is shown, of the parts
/// that could not be tested where there are such. If a part goes
/// the other way, the claim fails by the strongest of those, corrected for their number.
ClaimTest all_of(std::vector<ClaimTest> parts);

/// One part is enough, corrected for the number tried; the claim fails only if all parts do.
ClaimTest any_of(const std::vector<ClaimTest>& parts);

/// One-sided p-value of the mean being above 0, for values whose mean is: half the two-sided one,
/// since flipping all signs mirrors the distribution.
double one_sided_p(const std::vector<double>& values);

/// factor * value + shift of each.
std::vector<double> shifted(const BySeed& values, double factor, double shift);

}  // namespace ganselect::claim_tests
