#include "selection/survey/claim_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "base/statistics.h"
#include "results/records/curve_file.h"
#include "selection/survey/claim_parts.h"

namespace ganselect::claim_tests {
namespace {

// Within these a difference is none that matters; stated before any measurement: a tenth of the
// FID or of a median, five hundredths of a score, a tenth of a correlation.
constexpr double kFidMargin = 0.10;
constexpr double kScoreMargin = 0.05;
constexpr double kMedianMargin = 0.10;
constexpr double kCorrelationMargin = 0.10;
constexpr std::size_t kFewestForMedian = 5;

EffectUnit share_of_fid() { return {"share of FID", true, kFidMargin}; }

SeedTable fid_table(const Evidence& evidence) { return seed_table(evidence, log_measure("fid")); }

// Lower is better, so the better one stands second.
ClaimTest lower_fid(const Evidence& evidence, const std::string& better, const std::string& worse) {
  const auto* a = find_candidate(evidence, better);
  const auto* b = find_candidate(evidence, worse);
  if (a == nullptr || b == nullptr)
    return not_tested("no trial of " + (a == nullptr ? better : worse));
  if (a == b) return not_tested(better + " and " + worse + " are one training");
  return test_pairs(fid_table(evidence), {{b, a}}, share_of_fid());
}

// What a claim about the median compares: lower is better on a log scale, higher on a plain one.
struct MedianMeasure {
  std::string name;
  bool lower_is_better;

  EffectUnit unit() const { return {"share of the median", lower_is_better, kMedianMargin}; }
  double margin(double value, double median) const {
    if (lower_is_better) return std::log(median / value);
    return (value - median) / std::max(std::abs(median), 1e-9);
  }
};

// Each candidate's margins over the median of all candidates at the same seed.
SeedTable margins_over_median(const Evidence& evidence, const MedianMeasure& measure) {
  const auto value =
      measure.lower_is_better ? log_measure(measure.name) : measure_value(measure.name);
  std::map<const CandidateEvidence*, BySeed> values;
  std::map<std::uint64_t, std::vector<double>> all;
  for (const auto& candidate : evidence.candidates) {
    auto& mine = values[&candidate] = values_by_seed(candidate, value);
    for (auto& [seed, x] : mine) {
      if (measure.lower_is_better) x = std::exp(x);
      all[seed].push_back(x);
    }
  }
  for (auto& [candidate, mine] : values) {
    std::erase_if(mine, [&](const auto& one) { return all[one.first].size() < kFewestForMedian; });
    for (auto& [seed, x] : mine) x = measure.margin(x, statistics::median(all[seed]));
  }
  return seed_table(std::move(values));
}

bool has_word(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct OrientedPair {
  const CandidateEvidence* with;
  const CandidateEvidence* without;
};

// Pairs that differ in one regularizer; where there is none, those that differ in the batch norm
// that it cannot stand as well.
std::vector<OrientedPair> pairs_with_and_without(const Evidence& evidence,
                                                 const std::string& regularizer) {
  std::vector<OrientedPair> alike, but_for_batch_norm;
  for (const auto& pair : controlled_pairs(evidence, "regularization")) {
    auto a = plain_regularizers(pair.first->candidate());
    auto b = plain_regularizers(pair.second->candidate());
    const bool first_has = has_word(a, regularizer);
    if (first_has == has_word(b, regularizer)) continue;
    std::erase(first_has ? a : b, regularizer);
    const bool at_most_batch_norm =
        std::all_of(pair.also_differ.begin(), pair.also_differ.end(),
                    [](const auto& key) { return key == "batch norm"; });
    if (a != b || !at_most_batch_norm) continue;
    (pair.also_differ.empty() ? alike : but_for_batch_norm)
        .push_back(first_has ? OrientedPair{pair.first, pair.second}
                             : OrientedPair{pair.second, pair.first});
  }
  return alike.empty() ? but_for_batch_norm : alike;
}

constexpr const char* kNoPenaltyPair = "no pair of trials differs in the gradient penalty alone";

// Critic loss and FID at the checkpoints of a trial that has a curve.
struct LossAndFid {
  std::vector<double> losses, fids;
};

LossAndFid loss_and_fid_along_training(const Record& record) {
  LossAndFid along;
  const auto file = record.files.find("curve");
  if (file == record.files.end() || record.folder.empty()) return along;
  const auto path = record.folder / file->second;
  if (!std::filesystem::exists(path)) return along;
  const auto curve = read_curve_columns(path);
  const auto steps = curve.columns.find("step");
  const auto losses = curve.columns.find("loss_d");
  if (steps == curve.columns.end() || losses == curve.columns.end()) return along;
  for (const auto& checkpoint : record.checkpoints) {
    const auto fid = checkpoint.measures.value("fid");
    std::optional<double> loss;
    for (std::size_t i = 0; i < steps->second.size(); ++i) {
      const auto step = steps->second[i];
      if (step && *step <= static_cast<double>(checkpoint.step) && losses->second[i])
        loss = losses->second[i];
    }
    if (!fid || !loss) continue;
    along.losses.push_back(*loss);
    along.fids.push_back(*fid);
  }
  return along;
}

// Correlation along training of the critic's estimated distance (its loss, negated) with FID.
std::optional<double> loss_follows_fid(const TrialEvidence& trial) {
  const auto along = loss_and_fid_along_training(*trial.record);
  std::vector<double> distances;
  for (const double loss : along.losses) distances.push_back(-loss);
  return rank_correlation(distances, along.fids);
}

std::vector<double> mean_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) ranks[order[k]] = 0.5 * static_cast<double>(i + end - 1);
    i = end;
  }
  return ranks;
}

}  // namespace

std::optional<double> rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr std::size_t kFewestPoints = 4;
  if (a.size() != b.size() || a.size() < kFewestPoints) return std::nullopt;
  const auto x = mean_ranks(a), y = mean_ranks(b);
  const double mean = 0.5 * static_cast<double>(a.size() - 1);
  double xy = 0.0, xx = 0.0, yy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  if (xx <= 0.0 || yy <= 0.0) return std::nullopt;
  return xy / std::sqrt(xx * yy);
}

ClaimTest named_four_above_median(const Evidence& evidence) {
  std::vector<ClaimTest> parts;
  for (const MedianMeasure& measure :
       {MedianMeasure{"fid", true}, {"coverage", false}, {"recall", false}}) {
    const auto table = margins_over_median(evidence, measure);
    for (const char* name : {"wgan-gp", "lsgan", "rsgan", "sngan"}) {
      const auto* candidate = find_candidate(evidence, name);
      if (candidate == nullptr) return not_tested(std::string("no trial of ") + name);
      auto part = test_pairs(table, {{candidate, nullptr}}, measure.unit());
      if (!part.p_value && part.trials.size() > 1 && !part.effect)
        part.reason = "fewer than five candidates have " + measure.name + " at one seed";
      parts.push_back(std::move(part));
    }
  }
  return all_of(std::move(parts));
}

ClaimTest least_squares_with_relativism(const Evidence& evidence) {
  std::vector<ClaimTest> parts;
  for (const char* joined : {"ralsgan", "rlsgan"})
    parts.push_back(
        all_of({lower_fid(evidence, joined, "lsgan"), lower_fid(evidence, joined, "rsgan")}));
  return any_of(parts);
}

ClaimTest better_generalization(const Evidence& evidence) {
  const auto* base = find_candidate(evidence, "dcgan");
  if (base == nullptr) return not_tested("no trial of dcgan");
  const auto table = seed_table(evidence, criterion_value("generalization"));
  std::vector<ClaimTest> parts;
  for (const char* name : {"loss-sensitive-gan", "sngan"}) {
    const auto* candidate = find_candidate(evidence, name);
    if (candidate == nullptr) return not_tested(std::string("no trial of ") + name);
    auto part =
        test_pairs(table, {{candidate, base}}, {"generalization score", false, kScoreMargin});
    if (!part.effect)
      part.reason = candidate->trials.front().criteria[criterion_index("generalization")].missing;
    parts.push_back(std::move(part));
  }
  return all_of(std::move(parts));
}

ClaimTest penalty_improves_quality(const Evidence& evidence) {
  const auto pairs = pairs_with_and_without(evidence, "gradient-penalty");
  if (pairs.empty()) return not_tested(kNoPenaltyPair);
  std::vector<SeedPair> gains;
  for (const auto& pair : pairs) gains.push_back({pair.without, pair.with});
  return test_pairs(fid_table(evidence), gains, share_of_fid());
}

ClaimTest penalty_does_not_steady(const Evidence& evidence) {
  const auto pairs = pairs_with_and_without(evidence, "gradient-penalty");
  if (pairs.empty()) return not_tested(kNoPenaltyPair);
  std::vector<SeedPair> losses;
  for (const auto& pair : pairs) losses.push_back({pair.without, pair.with});
  // Claimed: it does not add as much as the margin.
  return test_no_loss(seed_table(evidence, criterion_value("stability")), losses,
                      {"stability score lost", false, kScoreMargin});
}

ClaimTest batch_norm_helps_g_hurts_d(const Evidence& evidence) {
  std::vector<SeedPair> in_g, in_d;
  for (const auto& pair : controlled_pairs(evidence, "regularization")) {
    const auto& a = pair.first->candidate();
    const auto& b = pair.second->candidate();
    if (plain_regularizers(a) != plain_regularizers(b) || !pair.also_differ.empty()) continue;
    const auto x = batch_norms(a), y = batch_norms(b);
    if ((x.g != y.g) == (x.d != y.d)) continue;
    const bool in_generator = x.g != y.g;
    const bool first_has = in_generator ? x.g : x.d;
    const auto* with = first_has ? pair.first : pair.second;
    const auto* without = first_has ? pair.second : pair.first;
    // Claimed: better with it in the generator, better without it in the critic.
    (in_generator ? in_g : in_d)
        .push_back(in_generator ? SeedPair{without, with} : SeedPair{with, without});
  }
  if (in_g.empty() || in_d.empty())
    return not_tested(
        "no trials with batch norm switched in the generator alone and in the critic alone");
  const auto table = fid_table(evidence);
  return all_of({test_pairs(table, in_g, share_of_fid()), test_pairs(table, in_d, share_of_fid())});
}

ClaimTest three_divergences_alike(const Evidence& evidence) {
  const std::vector<std::string> names = {"fgan-gan", "fgan-kl", "fgan-squared-hellinger"};
  const EffectUnit unit{fmt::format("share of FID; alike means within {}", kFidMargin), true,
                        kFidMargin};
  const auto table = fid_table(evidence);
  std::vector<ClaimTest> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = i + 1; j < names.size(); ++j) {
      const auto* a = find_candidate(evidence, names[i]);
      const auto* b = find_candidate(evidence, names[j]);
      if (a == nullptr || b == nullptr)
        return not_tested("no trial of " + (a == nullptr ? names[i] : names[j]));
      parts.push_back(test_equivalence(table, {a, b}, unit));
    }
  }
  return all_of(std::move(parts));
}

ClaimTest convolution_beats_full(const Evidence& evidence) {
  return lower_fid(evidence, "dcgan", "fcgan");
}

ClaimTest wasserstein_loss_means_quality(const Evidence& evidence) {
  const auto* wgan = find_candidate(evidence, "wgan");
  const auto* dcgan = find_candidate(evidence, "dcgan");
  if (wgan == nullptr || dcgan == nullptr)
    return not_tested(std::string("no trial of ") + (wgan == nullptr ? "wgan" : "dcgan"));
  auto test = test_pairs(seed_table(evidence, loss_follows_fid), {{wgan, dcgan}},
                         {"rank correlation", false, kCorrelationMargin});
  if (!test.effect) test.reason = "no curve has four checkpoints with FID and critic loss";
  return test;
}

}  // namespace ganselect::claim_tests
