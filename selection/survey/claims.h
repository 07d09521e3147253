// The survey's claims C1 to C10 as hypotheses over records: each a row with its test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/records/summary.h"
#include "selection/evidence/evidence.h"

namespace ganselect {

/// What one claim's test found. Differences are by training seed; p-values are two-sided sign-flip
/// permutation tests over seeds, one-sided where the claim is that a difference is small.
struct ClaimTest {
  std::optional<double> effect;  ///< positive in the claim's direction
  std::optional<Interval> interval95;
  std::optional<double> p_value;  ///< uncorrected; absent with `reason`
  bool as_claimed = false;        ///< the effect has the claim's direction
  std::string unit;               ///< of the effect
  std::vector<std::string> trials;
  std::string reason;  ///< why there is no p-value, or what limits it
};

struct ClaimSpec {
  std::string name;   ///< "C1" to "C10"
  std::string claim;  ///< in our own words
  std::string test;   ///< how it is measured
  ClaimTest (*measure)(const Evidence&);
};

const NamedTable<ClaimSpec>& claim_specs();

struct ClaimVerdict {
  std::string name, claim;
  std::string verdict;  ///< supported, contradicted, undecided
  ClaimTest test;
  std::optional<double> p_corrected;  ///< by Holm over the claims that could be tested
  std::string reason;
};

/// Tests all ten. A verdict other than undecided needs a corrected p-value of at most 0.05.
std::vector<ClaimVerdict> judge_claims(const Evidence& evidence);

/// The array of `claims --json`: {id, claim, verdict, effect, interval, p_value, trials} and beside
/// them unit, reason, test and p_value_uncorrected.
Json claims_to_json(const std::vector<ClaimVerdict>& verdicts);

/// The same for people, a paragraph each.
std::string claims_to_text(const std::vector<ClaimVerdict>& verdicts);

}  // namespace ganselect
