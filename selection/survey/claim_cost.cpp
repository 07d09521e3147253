// C6: spectral norm against gradient penalty, in the time of an update and to equal FID. Speeds are
// those measured with nothing beside them, where every arm has one; else the trials' own.
#include <algorithm>
#include <cmath>

#include "results/records/compare.h"
#include "selection/survey/claim_parts.h"
#include "selection/survey/claim_tests.h"

namespace ganselect::claim_tests {
namespace {

// A saving below a twentieth is none that matters; stated before any measurement.
constexpr double kCostMargin = 0.05;

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

// Logarithm of how many times as long the dearer trial takes, seed by seed, for those that are a
// pair.
template <class Ratio>
BySeed log_ratios(const CostPair& pair, Ratio ratio) {
  std::vector<std::pair<std::uint64_t, double>> ratios;
  for (const auto& a : pair.cheap->trials) {
    for (const auto& b : pair.dear->trials) {
      if (a.record->seed != b.record->seed) continue;
      if (const auto one = ratio(*a.record, *b.record))
        ratios.emplace_back(a.record->seed, std::log(*one));
    }
  }
  return mean_by_seed(ratios);
}

// Times of different machines are not compared.
bool one_machine(const Record& a, const Record& b) {
  return !protocol_difference(a, b, "train_seconds");
}

std::optional<double> best_fid_of(const Record& record) {
  std::optional<double> best;
  for (const auto& checkpoint : record.checkpoints) {
    const auto fid = checkpoint.measures.value("fid");
    if (fid && (!best || *fid < *best)) best = fid;
  }
  return best;
}

const RecordCheckpoint& checkpoint_at(const Record& record, double level) {
  return *std::find_if(record.checkpoints.begin(), record.checkpoints.end(),
                       [&](const auto& checkpoint) {
                         const auto fid = checkpoint.measures.value("fid");
                         return fid && *fid <= level;
                       });
}

struct Checkpoints {
  const RecordCheckpoint &cheap, &dear;
};

// Where both come to the lowest FID that both reach.
std::optional<Checkpoints> at_equal_fid(const Record& cheap, const Record& dear) {
  const auto a = best_fid_of(cheap), b = best_fid_of(dear);
  if (!a || !b) return std::nullopt;
  const double level = std::max(*a, *b);
  return Checkpoints{checkpoint_at(cheap, level), checkpoint_at(dear, level)};
}

std::optional<double> ratio_of(double dear, double cheap) {
  if (dear <= 0.0 || cheap <= 0.0) return std::nullopt;
  return dear / cheap;
}

// The two parts of the claim, as logarithms by seed or by round.
struct CostParts {
  std::vector<BySeed> an_update, to_equal_fid;
};

CostParts by_the_trials(const std::vector<CostPair>& pairs) {
  CostParts parts;
  for (const auto& pair : pairs) {
    parts.an_update.push_back(
        log_ratios(pair, [](const Record& cheap, const Record& dear) -> std::optional<double> {
          const auto fast = cheap.measure("updates_per_second");
          const auto slow = dear.measure("updates_per_second");
          if (!fast || !slow || !one_machine(cheap, dear)) return std::nullopt;
          return ratio_of(*fast, *slow);
        }));
    parts.to_equal_fid.push_back(
        log_ratios(pair, [](const Record& cheap, const Record& dear) -> std::optional<double> {
          const auto at = at_equal_fid(cheap, dear);
          if (!at || !one_machine(cheap, dear)) return std::nullopt;
          return ratio_of(at->dear.seconds, at->cheap.seconds);
        }));
  }
  return parts;
}

BySeed log_ratios_by_round(const CostPair& pair) {
  const auto& fast = *pair.cheap->alone;
  const auto& slow = *pair.dear->alone;
  BySeed ratios;
  for (std::size_t i = 0; i < std::min(fast.rounds.size(), slow.rounds.size()); ++i)
    ratios[i] = std::log(fast.rounds[i] / slow.rounds[i]);
  if (ratios.empty()) ratios[0] = std::log(fast.updates_per_second / slow.updates_per_second);
  return ratios;
}

// An update by round; equal FID as the updates that each seed needs times the seconds of one.
CostParts by_speeds_alone(const std::vector<CostPair>& pairs) {
  CostParts parts;
  for (const auto& pair : pairs) {
    parts.an_update.push_back(log_ratios_by_round(pair));
    const double faster =
        pair.cheap->alone->updates_per_second / pair.dear->alone->updates_per_second;
    parts.to_equal_fid.push_back(log_ratios(
        pair, [faster](const Record& cheap, const Record& dear) -> std::optional<double> {
          const auto at = at_equal_fid(cheap, dear);
          if (!at) return std::nullopt;
          const auto updates =
              ratio_of(static_cast<double>(at->dear.step), static_cast<double>(at->cheap.step));
          if (!updates) return std::nullopt;
          return *updates * faster;
        }));
  }
  return parts;
}

}  // namespace

ClaimTest spectral_norm_is_cheaper(const Evidence& evidence) {
  const auto pairs = spectral_norm_against_penalty(evidence);
  if (pairs.empty()) {
    return not_tested(
        "no pair of trials has spectral norm against gradient penalty with all else alike");
  }
  Candidates used;
  for (const auto& pair : pairs) used.insert(used.end(), {pair.cheap, pair.dear});
  const bool alone =
      std::all_of(used.begin(), used.end(), [](const auto* candidate) { return candidate->alone; });
  const auto parts = alone ? by_speeds_alone(pairs) : by_the_trials(pairs);
  const std::string how = alone ? ", measured alone" : ", of the trials themselves";
  auto update = test_estimate(estimate_mean(average_by_seed(parts.an_update)),
                              {"share of the seconds an update" + how, true, kCostMargin}, used);
  if (alone && !update.p_value)
    update.reason = "speeds alone were measured in one round: no interval";
  auto fid = test_estimate(estimate_mean(average_by_seed(parts.to_equal_fid)),
                           {"share of the seconds to equal FID" + how, true, kCostMargin}, used);
  if (!fid.effect) fid.reason = "no two trials of one machine and seed have FID at checkpoints";
  return all_of({update, fid});
}

}  // namespace ganselect::claim_tests
