// C6: spectral norm against gradient penalty, in the time of an update and to equal FID.
#include <algorithm>

#include "results/records/compare.h"
#include "selection/survey/claim_parts.h"
#include "selection/survey/claim_tests.h"

namespace ganselect::claim_tests {
namespace {

struct CostPair {
  const CandidateEvidence* cheap;  // spectral norm
  const CandidateEvidence* dear;   // gradient penalty
};

std::vector<CostPair> spectral_norm_against_penalty(const Evidence& evidence) {
  const std::vector<std::string> spectral = {"spectral-norm"}, penalty = {"gradient-penalty"};
  std::vector<CostPair> pairs;
  for (const auto& pair : controlled_pairs(evidence, "regularization")) {
    const auto a = plain_regularizers(pair.first->candidate());
    const auto b = plain_regularizers(pair.second->candidate());
    if (a == spectral && b == penalty) pairs.push_back({pair.first, pair.second});
    if (a == penalty && b == spectral) pairs.push_back({pair.second, pair.first});
  }
  return pairs;
}

// The share that the cheaper trial saves, seed by seed, of what `cost` gives for both; trials of
// different machines are not compared.
template <class Saving>
BySeed savings(const CostPair& pair, Saving saving) {
  std::vector<std::pair<std::uint64_t, double>> saved;
  for (const auto& a : pair.cheap->trials) {
    for (const auto& b : pair.dear->trials) {
      if (a.record->seed != b.record->seed ||
          protocol_difference(*a.record, *b.record, "train_seconds"))
        continue;
      if (const auto share = saving(*a.record, *b.record))
        saved.emplace_back(a.record->seed, *share);
    }
  }
  return mean_by_seed(saved);
}

std::optional<double> saved_an_update(const Record& cheap, const Record& dear) {
  const auto fast = cheap.measure("updates_per_second"), slow = dear.measure("updates_per_second");
  if (!fast || !slow || *fast <= 0.0) return std::nullopt;
  return 1.0 - *slow / *fast;
}

std::optional<double> best_fid_of(const Record& record) {
  std::optional<double> best;
  for (const auto& checkpoint : record.checkpoints) {
    const auto fid = checkpoint.measures.value("fid");
    if (fid && (!best || *fid < *best)) best = fid;
  }
  return best;
}

double seconds_to(const Record& record, double level) {
  const auto reached = std::find_if(record.checkpoints.begin(), record.checkpoints.end(),
                                    [&](const auto& checkpoint) {
                                      const auto fid = checkpoint.measures.value("fid");
                                      return fid && *fid <= level;
                                    });
  return reached->seconds;
}

// To the lowest FID that both reached at a checkpoint.
std::optional<double> saved_to_equal_fid(const Record& cheap, const Record& dear) {
  const auto a = best_fid_of(cheap), b = best_fid_of(dear);
  if (!a || !b) return std::nullopt;
  const double level = std::max(*a, *b);
  const double long_way = seconds_to(dear, level);
  if (long_way <= 0.0) return std::nullopt;
  return 1.0 - seconds_to(cheap, level) / long_way;
}

}  // namespace

ClaimTest spectral_norm_is_cheaper(const Evidence& evidence) {
  const auto pairs = spectral_norm_against_penalty(evidence);
  if (pairs.empty()) {
    return not_tested(
        "no pair of trials has spectral norm against gradient penalty with all else alike");
  }
  std::vector<BySeed> an_update, to_equal_fid;
  Candidates used;
  for (const auto& pair : pairs) {
    an_update.push_back(savings(pair, saved_an_update));
    to_equal_fid.push_back(savings(pair, saved_to_equal_fid));
    used.insert(used.end(), {pair.cheap, pair.dear});
  }
  auto fid =
      test_differences(average_by_seed(to_equal_fid), "share of the seconds to equal FID", used);
  if (!fid.effect) fid.reason = "no two trials of one machine and seed have FID at checkpoints";
  return all_of(
      {test_differences(average_by_seed(an_update), "share of the seconds an update", used), fid});
}

}  // namespace ganselect::claim_tests
