// As the authors' code: 15 counts, evenly spaced up to all samples, random rows for each, the
// reference whole, an ordinary least squares line in 1/n. Unlike it: the rows are drawn without
// Sobol sequences, since samples may come from anywhere; and the smallest count is a tenth of the
// samples but at least twice the dimensions (theirs: 5,000 of 50,000), as the line holds only where
// the covariance is well determined.
#include "metrics/fid_infinity.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>
#include <utility>

#include "metrics/fid.h"
#include "metrics/numerics/numpy_random.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr int64_t kPoints = 15;
constexpr int64_t kLeastPerDimension = 2;  // samples a dimension at the smallest count
constexpr double kPoorFit = 0.5;           // share of variance explained
constexpr int64_t kLeastRange = 2;         // all samples over the smallest count

std::vector<int64_t> spaced_counts(int64_t least, int64_t most) {
  std::vector<int64_t> counts;
  for (int64_t i = 0; i < kPoints; ++i)
    counts.push_back(least + (most - least) * i / (kPoints - 1));
  return counts;
}

void compute_fid_infinity(const EvaluationInput& input, const EvaluationSettings& settings,
                          Measures& measures) {
  if (!settings.fid_infinity)
    return measures.set_missing("fid_infinity", "not asked for (--fid-infinity)");
  const auto& fake = input.fake.features;
  const int64_t n = fake.size(0), d = fake.size(1);
  const int64_t least = std::max(n / 10, kLeastPerDimension * d);
  if (n < kLeastRange * least) {
    return measures.set_missing(
        "fid_infinity", "needs at least " + std::to_string(kLeastRange * kLeastPerDimension * d) +
                            " generated samples in " + std::to_string(d) +
                            " dimensions for a line over their number, got " + std::to_string(n));
  }
  if (input.real.features.size(0) < 2)
    return measures.set_missing("fid_infinity", too_few(2, input.real.features.size(0), n));
  const auto real = fid_statistics(input.real.features);
  NumpyRandom random(static_cast<std::uint32_t>(settings.seed));
  std::vector<double> fids;
  const auto counts = spaced_counts(least, n);
  for (const auto count : counts) {
    const auto order = random.permutation(n);
    const auto rows = torch::tensor(order, torch::kInt64).slice(0, 0, count);
    fids.push_back(
        frechet_distance(real, fid_statistics(fake.index_select(0, rows.to(fake.device())))));
  }
  const auto line = extrapolate_fid(counts, fids);
  measure_protocol(measures, "fid_infinity") = {
      {"counts", line.counts}, {"seed", settings.seed}, {"reference", "whole"}};
  if (line.r_squared < kPoorFit) {
    measures.warn("poor_line", "fid_infinity",
                  "the line through FID over 1/n explains " +
                      std::to_string(static_cast<int>(100 * line.r_squared)) +
                      "% of its variance: chance outweighs the bias at these counts");
  }
  measures.set("fid_infinity", line.value);
}

}  // namespace

FidExtrapolation extrapolate_fid(std::vector<int64_t> counts, std::vector<double> fids) {
  const auto n = static_cast<double>(counts.size());
  double x_mean = 0, y_mean = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    x_mean += 1.0 / static_cast<double>(counts[i]) / n;
    y_mean += fids[i] / n;
  }
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double x = 1.0 / static_cast<double>(counts[i]) - x_mean, y = fids[i] - y_mean;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  if (counts.size() != fids.size() || !(xx > 0)) {
    fail(ErrorKind::kData, {.where = "FID at infinitely many samples",
                            .expected = "a FID at each of two or more sample counts",
                            .got = std::to_string(fids.size()) + " at one count"});
  }
  const double slope = xy / xx;
  return {.value = y_mean - slope * x_mean,
          .slope = slope,
          .r_squared = yy > 0 ? xy * xy / (xx * yy) : 1,
          .counts = std::move(counts),
          .fids = std::move(fids)};
}

MetricFamily fid_infinity_metric() {
  return {.name = "fid_infinity",
          .measures = {"fid_infinity"},
          .missing = missing_features,
          .compute = compute_fid_infinity};
}

}  // namespace ganselect
