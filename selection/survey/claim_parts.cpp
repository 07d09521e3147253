#include "selection/survey/claim_parts.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace ganselect::claim_tests {
namespace {

void add_trials(ClaimTest& test, const Candidates& candidates) {
  std::set<std::string> ids(test.trials.begin(), test.trials.end());
  for (const auto* candidate : candidates) {
    for (const auto& trial : candidate->trials) ids.insert(trial.record->trial_id);
  }
  test.trials.assign(ids.begin(), ids.end());
}

// Effect, interval and spread, with the reason where nothing can be tested.
ClaimTest described(const std::optional<SeedEstimate>& estimate, const EffectUnit& unit,
                    const Candidates& candidates) {
  ClaimTest test;
  test.unit = unit.name;
  test.scale = unit.log_ratio ? "log" : "linear";
  add_trials(test, candidates);
  if (!estimate) {
    test.reason = "no seed has both sides";
    return test;
  }
  test.effect = unit.told(estimate->effect);
  test.as_claimed = estimate->effect > 0.0;
  if (estimate->degrees <= 0.0) {
    test.reason = "one seed: no interval";
    return test;
  }
  test.standard_error = estimate->standard_error;
  test.degrees = estimate->degrees;
  if (const auto interval = interval95(*estimate))
    test.interval95 = Interval{unit.told(interval->low), unit.told(interval->high)};
  return test;
}

void take(const SeedTest& found, ClaimTest& test) {
  test.method = found.method;
  test.p_value = found.p_value;
  test.p_t = found.p_t;
  test.p_sign_flip = found.p_sign_flip;
}

Candidates members_of(const std::vector<SeedPair>& pairs) {
  Candidates all;
  for (const auto& pair : pairs) {
    all.push_back(pair.first);
    if (pair.second != nullptr) all.push_back(pair.second);
  }
  return all;
}

using PValue = std::optional<double> ClaimTest::*;

// Of several p-values; absent where a part has none.
std::optional<double> largest(const std::vector<ClaimTest>& parts, PValue p) {
  double worst = 0.0;
  for (const auto& part : parts) {
    if (!(part.*p)) return std::nullopt;
    worst = std::max(worst, *(part.*p));
  }
  return worst;
}

// The smallest of the parts that count, corrected for the number of all.
template <class Counts>
std::optional<double> smallest_corrected(const std::vector<ClaimTest>& parts, PValue p,
                                         Counts counts) {
  std::optional<double> best;
  for (const auto& part : parts) {
    if (!counts(part) || !(part.*p)) continue;
    const double corrected = *(part.*p) * static_cast<double>(parts.size());
    best = std::min({best.value_or(1.0), corrected, 1.0});
  }
  return best;
}

}  // namespace

const CandidateEvidence* find_candidate(const Evidence& evidence, const std::string& name) {
  const auto* found = evidence.find(name);
  return found == nullptr || found->trials.empty() ? nullptr : found;
}

TrialValue measure_value(const std::string& measure) {
  return [measure](const TrialEvidence& trial) { return trial.record->measure(measure); };
}

TrialValue log_measure(const std::string& measure) {
  return [measure](const TrialEvidence& trial) -> std::optional<double> {
    const auto value = trial.record->measure(measure);
    if (!value || *value <= 0.0) return std::nullopt;
    return std::log(*value);
  };
}

TrialValue criterion_value(const std::string& name) {
  const auto index = criterion_index(name);
  return [index](const TrialEvidence& trial) { return trial.criteria[index].score; };
}

ClaimTest not_tested(const std::string& reason) {
  ClaimTest test;
  test.reason = reason;
  return test;
}

double EffectUnit::told(double x) const { return log_ratio ? -std::expm1(-x) : x; }

double EffectUnit::tested_margin() const { return log_ratio ? std::log1p(*margin) : *margin; }

ClaimTest test_estimate(const std::optional<SeedEstimate>& estimate, const EffectUnit& unit,
                        const Candidates& candidates) {
  ClaimTest test = described(estimate, unit, candidates);
  if (!test.reason.empty()) return test;
  take(test_not_zero(*estimate), test);
  test.as_claimed = estimate->effect > 0.0;
  if (unit.margin) test.p_alike = test_within(*estimate, unit.tested_margin()).p_value;
  return test;
}

ClaimTest test_pairs(const SeedTable& table, const std::vector<SeedPair>& pairs,
                     const EffectUnit& unit) {
  return test_estimate(estimate_difference(table, pairs), unit, members_of(pairs));
}

ClaimTest test_equivalence(const SeedTable& table, const SeedPair& pair, const EffectUnit& unit) {
  auto estimate = estimate_difference(table, {pair});
  if (estimate && estimate->effect > 0.0) estimate = mirrored(*estimate);
  ClaimTest test = described(estimate, unit, members_of({pair}));
  if (!test.reason.empty()) return test;
  const double margin = unit.tested_margin();
  test.as_claimed = estimate->effect > -margin;
  take(test.as_claimed ? test_within(*estimate, margin) : test_above(mirrored(*estimate), margin),
       test);
  return test;
}

ClaimTest test_no_loss(const SeedTable& table, const std::vector<SeedPair>& pairs,
                       const EffectUnit& unit) {
  const auto estimate = estimate_difference(table, pairs);
  ClaimTest test = described(estimate, unit, members_of(pairs));
  if (!test.reason.empty()) return test;
  const double margin = unit.tested_margin();
  test.as_claimed = estimate->effect > -margin;
  take(test.as_claimed ? test_above(*estimate, -margin) : test_above(mirrored(*estimate), margin),
       test);
  return test;
}

ClaimTest all_of(std::vector<ClaimTest> parts) {
  ClaimTest result = parts.front();
  std::set<std::string> ids;
  const ClaimTest* untested = nullptr;
  for (const auto& part : parts) {
    ids.insert(part.trials.begin(), part.trials.end());
    if (!part.p_value && (untested == nullptr || part.effect < untested->effect)) untested = &part;
    if (part.effect < result.effect) result = part;
  }
  if (untested != nullptr) {
    result = *untested;
    result.trials.assign(ids.begin(), ids.end());
    return result;
  }
  const auto refutes = [](const ClaimTest& part) { return !part.as_claimed; };
  const auto any = [](const ClaimTest&) { return true; };
  for (const auto p : {&ClaimTest::p_value, &ClaimTest::p_t, &ClaimTest::p_sign_flip})
    result.*p = result.as_claimed ? largest(parts, p) : smallest_corrected(parts, p, refutes);
  // One part without a gain that matters is enough against the claim.
  result.p_alike = smallest_corrected(parts, &ClaimTest::p_alike, any);
  result.trials.assign(ids.begin(), ids.end());
  return result;
}

ClaimTest any_of(const std::vector<ClaimTest>& parts) {
  std::vector<ClaimTest> tested;
  for (const auto& part : parts) {
    if (part.p_value) tested.push_back(part);
  }
  if (tested.empty()) return parts.front();
  ClaimTest best = tested.front();
  for (const auto& part : tested) {
    const bool better = part.as_claimed && (!best.as_claimed || *part.p_value < *best.p_value);
    if (better) best = part;
  }
  const auto supports = [](const ClaimTest& part) { return part.as_claimed; };
  for (const auto p : {&ClaimTest::p_value, &ClaimTest::p_t, &ClaimTest::p_sign_flip})
    best.*p = best.as_claimed ? smallest_corrected(tested, p, supports) : largest(tested, p);
  best.p_alike = largest(tested, &ClaimTest::p_alike);
  return best;
}

}  // namespace ganselect::claim_tests
