// What each measure should do under each defect, and whether it did.
#include <algorithm>
#include <cmath>

#include "harness/validate/validation.h"

namespace ganselect {
namespace {

// Expectations of one defect. A measure in neither list is open.
struct Expectation {
  std::string name;  // of the defect
  std::vector<std::string> worse, not_worse;
};

// From the definitions. Whatever compares the two distributions must notice any of the defects but
// copies, which are perfect samples; a class left out leaves each remaining sample as good as it
// was; only memorization and fid_gap look at the difference between training and held-out images.
const NamedTable<Expectation>& expectations() {
  static const std::vector<std::string> distribution = {
      "fid", kPixelFid, "kid_mean", "kid_exact", "coverage", "ndb", "jsd"};
  static const std::vector<std::string> quality = {"precision", "precision_k3", "density"};
  static const std::vector<std::string> variety = {"recall", "recall_k3"};
  static const std::vector<std::string> classes = {
      "modes", "mode_kl", "mode_entropy", "inception_score_mean", "inception_score_1split"};
  static const std::vector<std::string> copying = {"memorization", "fid_gap"};
  const auto joined = [](std::vector<std::vector<std::string>> lists) {
    std::vector<std::string> all;
    for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
    return all;
  };
  const auto damage = [&](const char* name) {
    return Expectation{name, joined({distribution, quality}), copying};
  };
  static const NamedTable<Expectation> table(
      "defect",
      {damage("blur"),
       damage("noise"),
       damage("occlusion"),
       damage("colour-shift"),
       damage("jpeg"),
       {"dropped-modes", joined({distribution, variety, classes}), joined({quality, copying})},
       {"copies", copying, joined({distribution, quality, variety, classes})},
       {"collapse", joined({distribution, variety}), joined({quality, {"memorization"}})}});
  return table;
}

bool is_listed(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

Expected expected_of(const std::string& defect, const std::string& measure) {
  const auto* row = expectations().find(defect);
  if (row == nullptr) return Expected::kOpen;
  if (is_listed(row->worse, measure)) return Expected::kWorse;
  return is_listed(row->not_worse, measure) ? Expected::kNotWorse : Expected::kOpen;
}

Verdict judge_curve(const std::vector<std::optional<double>>& values, const CleanSpread& clean,
                    const std::string& better, Expected expected, double threshold) {
  if (values.empty() || std::any_of(values.begin(), values.end(), [](auto v) { return !v; }))
    return Verdict::kNoValue;
  const auto seen = [&](double value) { return defect_seen(value, clean, better, threshold); };
  if (expected == Expected::kOpen) return Verdict::kOpen;
  if (expected == Expected::kNotWorse) {
    const bool any = std::any_of(values.begin(), values.end(), [&](auto v) { return seen(*v); });
    return any ? Verdict::kMovesWrongly : Verdict::kStays;
  }
  if (!seen(*values.back())) return Verdict::kBlind;
  const double slack = 2 * std::sqrt(2.0) * clean.sd, sign = better == "lower" ? 1 : -1;
  double worst = sign * clean.mean;
  for (const auto& value : values) {
    if (sign * *value < worst - slack) return Verdict::kNotMonotone;
    worst = std::max(worst, sign * *value);
  }
  return Verdict::kMoves;
}

std::string verdict_words(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMoves:
      return "moves";
    case Verdict::kStays:
      return "stays";
    case Verdict::kBlind:
      return "BLIND";
    case Verdict::kNotMonotone:
      return "NOT MONOTONE";
    case Verdict::kMovesWrongly:
      return "MOVES";
    case Verdict::kOpen:
      return "open";
    case Verdict::kNoValue:
      return "no value";
  }
  return "";
}

std::string expected_words(Expected expected) {
  switch (expected) {
    case Expected::kWorse:
      return "worse";
    case Expected::kNotWorse:
      return "not worse";
    case Expected::kOpen:
      return "open";
  }
  return "";
}

}  // namespace ganselect
