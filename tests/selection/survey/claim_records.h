// Made-up trials that claims are tested on.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "selection/survey/claims.h"
#include "tests/selection/synthetic.h"

namespace ganselect::test {

using ClaimMeasures = std::map<std::string, std::optional<double>>;

// Twelve seeds: enough for sign flips to stand beside (2 / 2^12 times ten is 0.005).
inline constexpr std::uint64_t kSeeds = 12;

inline void add_seeds(std::vector<Record>& records, const FakePoint& point,
                      const ClaimMeasures& measures, double spread = 0.02) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto mine = measures;
    // A spread over seeds that all candidates share, and a smaller one of their own.
    const double shared = 1.0 + 0.1 * static_cast<double>(seed % 3);
    const double own =
        1.0 + spread * (static_cast<double>((seed * 7 + point.name.size()) % 5) - 2.0) / 2.0;
    if (mine.contains("fid")) mine["fid"] = *mine["fid"] * shared * own;
    records.push_back(record_of_point(point, seed, mine));
  }
}

inline ClaimVerdict claim_of(const std::vector<Record>& records, const std::string& id) {
  const auto evidence = gather_evidence(records, {});
  const auto verdicts = judge_claims(evidence);
  return *std::find_if(verdicts.begin(), verdicts.end(),
                       [&](const auto& v) { return v.name == id; });
}

inline std::vector<Record> three_seeds(const std::vector<double>& dcgan,
                                       const std::vector<double>& fcgan) {
  std::vector<Record> records;
  for (std::uint64_t seed = 0; seed < dcgan.size(); ++seed) {
    records.push_back(record_of_point({.name = "dcgan"}, seed, {{"fid", dcgan[seed]}}));
    records.push_back(
        record_of_point({.name = "fcgan", .architecture = "fc"}, seed, {{"fid", fcgan[seed]}}));
  }
  return records;
}

}  // namespace ganselect::test
