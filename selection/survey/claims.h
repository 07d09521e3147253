// The survey's claims C1 to C10 as hypotheses over records: each a row with its test.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/records/summary.h"
#include "selection/evidence/evidence.h"

namespace ganselect {

/// What one claim's test found (seed_tests.h). Differences are by training seed; p-values are
/// two-sided, one-sided where the claim is that a difference is small.
struct ClaimTest {
  std::optional<double> effect;  ///< positive in the claim's direction
  std::optional<Interval> interval95;
  std::optional<double> p_value;  ///< uncorrected, of `method`; absent with `reason`
  std::string method;             ///< the test that decides; empty where none could be made
  std::string scale;  ///< "log" or "linear": of what was tested and of the standard error
  std::optional<double> standard_error;
  std::optional<double> degrees;      ///< of freedom
  std::optional<double> p_t;          ///< uncorrected
  std::optional<double> p_sign_flip;  ///< uncorrected; from kSeedsForFlips seeds on
  std::optional<double> p_alike;      ///< that the effect is within the margin of 0
  bool as_claimed = false;            ///< the effect has the claim's direction
  std::string unit;                   ///< of the effect
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

/// What published studies say of a claim, pooled within studies.
struct LiteratureVerdict {
  std::string direction;  ///< "supported", "contradicted" or "undecided"
  double estimate = 0.0;  ///< positive in the claim's direction
  Interval interval95;
  std::string unit;         ///< of the estimate
  std::size_t studies = 0;  ///< comparisons under one protocol
  std::size_t sources = 0;  ///< publications that they were read in
  std::vector<std::string> citations;
};

/// The literature's verdict, or why there is none.
struct LiteratureSaid {
  std::optional<LiteratureVerdict> verdict;
  std::string reason;
};
using LiteratureSource = std::function<LiteratureSaid(const std::string& claim)>;

/// {direction, estimate, interval, unit, studies, sources, citations}; null where there is none.
Json literature_to_json(const std::optional<LiteratureVerdict>& literature);
/// "supported, +0.2 share of FID [0.1, 0.3], 4 studies of 3 sources"
std::string literature_words(const LiteratureVerdict& literature);

struct ClaimVerdict {
  std::string name, claim;
  std::string evidence;  ///< description of the group of trials it was tested on
  std::string verdict;   ///< supported, contradicted, undecided
  ClaimTest test;
  /// The uncorrected p-value that the verdict rests on, and the test that it is of.
  std::optional<double> p_deciding;
  std::string method;
  bool alike = false;                 ///< what decides is that there is no difference that matters
  std::optional<double> p_corrected;  ///< by Holm over the claims that could be tested
  std::string reason;
  std::optional<LiteratureVerdict> literature;  ///< stands beside ours and does not change it
  std::string literature_reason;                ///< why there is none
};

/// Tests all ten, each on the first of `groups` (gather_groups; not empty) that can test it, which
/// does not depend on what it shows. A verdict other than undecided needs a corrected p-value of at
/// most 0.05.
std::vector<ClaimVerdict> judge_claims(std::span<const Evidence> groups,
                                       const LiteratureSource& literature = {});

/// The same on one group.
std::vector<ClaimVerdict> judge_claims(const Evidence& evidence,
                                       const LiteratureSource& literature = {});

/// The array of `claims --json`: {id, claim, verdict, effect, interval, p_value, trials} and beside
/// them unit, reason, test, p_value_uncorrected; method, scale, standard_error,
/// degrees_of_freedom, p_value_t, p_value_sign_flip, p_value_alike (all uncorrected); evidence;
/// literature and literature_reason.
Json claims_to_json(const std::vector<ClaimVerdict>& verdicts);

/// The same for people, a paragraph each.
std::string claims_to_text(const std::vector<ClaimVerdict>& verdicts);

}  // namespace ganselect
