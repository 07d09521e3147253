#include "selection/survey/claim_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "results/records/curve_file.h"
#include "selection/survey/claim_parts.h"

namespace ganselect::claim_tests {
namespace {

// Stated before any measurement: a tenth of the FID, and five hundredths of the stability score.
constexpr double kFidMargin = 0.10;
constexpr double kStabilityMargin = 0.05;
constexpr std::size_t kFewestForMedian = 5;

// Lower is better: how much smaller the first's value is, as a share of the second's.
BySeed relative_gain(const CandidateEvidence& first, const CandidateEvidence& second,
                     const std::string& measure) {
  const auto a = values_by_seed(first, measure_value(measure));
  const auto b = values_by_seed(second, measure_value(measure));
  BySeed gain;
  for (const auto& [seed, value] : a) {
    const auto other = b.find(seed);
    if (other != b.end() && other->second > 0.0)
      gain[seed] = (other->second - value) / other->second;
  }
  return gain;
}

ClaimTest lower_fid(const Evidence& evidence, const std::string& better, const std::string& worse) {
  const auto* a = find_candidate(evidence, better);
  const auto* b = find_candidate(evidence, worse);
  if (a == nullptr || b == nullptr)
    return not_tested("no trial of " + (a == nullptr ? better : worse));
  return test_differences(relative_gain(*a, *b, "fid"), "share of FID", {a, b});
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

// Margin over the median of all candidates at the same seed, as a share of the median.
BySeed margin_over_median(const Evidence& evidence, const CandidateEvidence& candidate,
                          const std::string& measure, bool lower_is_better) {
  std::map<std::uint64_t, std::vector<double>> all;
  for (const auto& other : evidence.candidates) {
    for (const auto& [seed, value] : values_by_seed(other, measure_value(measure)))
      all[seed].push_back(value);
  }
  BySeed margins;
  for (const auto& [seed, value] : values_by_seed(candidate, measure_value(measure))) {
    if (all[seed].size() < kFewestForMedian) continue;
    const double median = median_of(all[seed]);
    const double scale = std::max(std::abs(median), 1e-9);
    margins[seed] = (lower_is_better ? median - value : value - median) / scale;
  }
  return margins;
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

Candidates members(const std::vector<OrientedPair>& pairs) {
  Candidates all;
  for (const auto& pair : pairs) all.insert(all.end(), {pair.with, pair.without});
  return all;
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
  for (const char* name : {"wgan-gp", "lsgan", "rsgan", "sngan"}) {
    const auto* candidate = find_candidate(evidence, name);
    if (candidate == nullptr) return not_tested(std::string("no trial of ") + name);
    for (const auto& [measure, lower] :
         {std::pair("fid", true), std::pair("coverage", false), std::pair("recall", false)}) {
      auto part = test_differences(margin_over_median(evidence, *candidate, measure, lower),
                                   "share of the median", {candidate});
      if (!part.p_value && part.trials.size() > 1 && !part.effect)
        part.reason = std::string("fewer than five candidates have ") + measure + " at one seed";
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
  std::vector<ClaimTest> parts;
  for (const char* name : {"loss-sensitive-gan", "sngan"}) {
    const auto* candidate = find_candidate(evidence, name);
    if (candidate == nullptr) return not_tested(std::string("no trial of ") + name);
    const auto score = criterion_value("generalization");
    auto part = test_differences(
        seed_differences(values_by_seed(*candidate, score), values_by_seed(*base, score)),
        "generalization score", {candidate, base});
    if (!part.effect)
      part.reason = candidate->trials.front().criteria[criterion_index("generalization")].missing;
    parts.push_back(std::move(part));
  }
  return all_of(std::move(parts));
}

ClaimTest penalty_improves_quality(const Evidence& evidence) {
  const auto pairs = pairs_with_and_without(evidence, "gradient-penalty");
  if (pairs.empty()) return not_tested(kNoPenaltyPair);
  std::vector<BySeed> gains;
  for (const auto& pair : pairs) gains.push_back(relative_gain(*pair.with, *pair.without, "fid"));
  return test_differences(average_by_seed(gains), "share of FID", members(pairs));
}

ClaimTest penalty_does_not_steady(const Evidence& evidence) {
  const auto pairs = pairs_with_and_without(evidence, "gradient-penalty");
  if (pairs.empty()) return not_tested(kNoPenaltyPair);
  std::vector<BySeed> gains;
  const auto score = criterion_value("stability");
  for (const auto& pair : pairs)
    gains.push_back(
        seed_differences(values_by_seed(*pair.with, score), values_by_seed(*pair.without, score)));
  const auto differences = average_by_seed(gains);
  ClaimTest test = test_differences(differences, "stability score lost", members(pairs));
  if (!test.effect) return test;
  // Claimed: it does not add as much as the margin. The effect is shown in the claim's direction.
  const double gain = *test.effect;
  test.effect = -gain;
  if (test.interval95) test.interval95 = Interval{-test.interval95->high, -test.interval95->low};
  test.as_claimed = gain < kStabilityMargin;
  if (test.p_value)
    test.p_value = one_sided_p(shifted(differences, test.as_claimed ? -1.0 : 1.0,
                                       test.as_claimed ? kStabilityMargin : -kStabilityMargin));
  return test;
}

ClaimTest batch_norm_helps_g_hurts_d(const Evidence& evidence) {
  std::vector<BySeed> in_g, in_d;
  Candidates used;
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
        .push_back(in_generator ? relative_gain(*with, *without, "fid")
                                : relative_gain(*without, *with, "fid"));
    used.insert(used.end(), {with, without});
  }
  if (in_g.empty() || in_d.empty())
    return not_tested(
        "no trials with batch norm switched in the generator alone and in the critic alone");
  return all_of({test_differences(average_by_seed(in_g), "share of FID", used),
                 test_differences(average_by_seed(in_d), "share of FID", used)});
}

ClaimTest three_divergences_alike(const Evidence& evidence) {
  const std::vector<std::string> names = {"fgan-gan", "fgan-kl", "fgan-squared-hellinger"};
  std::vector<ClaimTest> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = i + 1; j < names.size(); ++j) {
      const auto* a = find_candidate(evidence, names[i]);
      const auto* b = find_candidate(evidence, names[j]);
      if (a == nullptr || b == nullptr)
        return not_tested("no trial of " + (a == nullptr ? names[i] : names[j]));
      parts.push_back(
          test_equivalence(relative_gain(*a, *b, "fid"), kFidMargin,
                           fmt::format("share of FID; alike means within {}", kFidMargin), {a, b}));
    }
  }
  // The largest difference is the weakest support, so all_of's smallest effect must be its
  // negative.
  for (auto& part : parts) {
    if (part.effect && *part.effect > 0.0) {
      part.effect = -*part.effect;
      if (part.interval95)
        part.interval95 = Interval{-part.interval95->high, -part.interval95->low};
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
  const auto differences = seed_differences(values_by_seed(*wgan, loss_follows_fid),
                                            values_by_seed(*dcgan, loss_follows_fid));
  if (differences.empty())
    return not_tested("no curve has four checkpoints with FID and critic loss");
  return test_differences(differences, "rank correlation", {wgan, dcgan});
}

}  // namespace ganselect::claim_tests
