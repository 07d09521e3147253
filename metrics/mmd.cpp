// The bandwidth. The authors' 10 is made for CLIP's features and says nothing in another space. The
// median distance between two reference samples (Gretton et al. 2012, section 8) is a length of the
// space itself; it is taken from the reference alone, so that all generators compared with one
// reference are seen through one kernel.
#include "metrics/mmd.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/seeds.h"
#include "datasets/subset.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr int64_t kTileRows = 1024;       // rows and columns of a block of the kernel matrix: 8 MiB
constexpr int64_t kMedianSamples = 1000;  // half a million pairs

// Sum of the kernel over all pairs of two sets of centred samples; with `same` of one set's pairs
// (i,j), i != j, of which one triangle of blocks is computed.
double gaussian_sum(const torch::Tensor& x, const torch::Tensor& y, double bandwidth, bool same) {
  const auto x_norms = x.square().sum(1, /*keepdim=*/true), y_norms = y.square().sum(1);
  auto sum = torch::zeros({}, x.options());
  for (int64_t i = 0; i < x.size(0); i += kTileRows) {
    const auto rows = x.slice(0, i, i + kTileRows);
    for (int64_t j = same ? i : 0; j < y.size(0); j += kTileRows) {
      auto squared = torch::addmm(y_norms.slice(0, j, j + kTileRows), rows,
                                  y.slice(0, j, j + kTileRows).t(), 1, -2);
      squared.add_(x_norms.slice(0, i, i + kTileRows)).clamp_min_(0);
      auto kernel = squared.mul_(-1 / (2 * bandwidth * bandwidth)).exp_();
      if (same && i == j) kernel.fill_diagonal_(0);
      sum += kernel.sum() * (same && i != j ? 2 : 1);
    }
  }
  return sum.item<double>();
}

// A kernel that is 1 or 0 at the usual distance, to the precision of its sums, sees no difference.
bool is_blind(double bandwidth, double median) {
  const double usual = std::exp(-0.5 * (median / bandwidth) * (median / bandwidth));
  constexpr double kNothing = 1e-9;
  return !std::isfinite(bandwidth) || (median > 0 && (usual < kNothing || usual > 1 - kNothing));
}

void compute_mmd(const EvaluationInput& input, const EvaluationSettings& settings,
                 Measures& measures) {
  const auto &real = input.real.features, &fake = input.fake.features;
  if (real.size(0) < 2 || fake.size(0) < 2)
    return measures.set_missing("mmd_gaussian", too_few(2, real.size(0), fake.size(0)));
  double bandwidth = metric_option(settings, "mmd.bandwidth");
  Json rule = "given";
  const SampleDraw draw{.count = kMedianSamples,
                        .seed = stream_seed(settings.seed, "mmd bandwidth rows")};
  const auto rows = drawn_rows(real.size(0), draw);
  const double median = median_distance(real.index_select(0, rows.to(real.device())));
  if (bandwidth == 0) {
    bandwidth = median;
    rule = {{"median_distance_of_reference_samples", rows.size(0)},
            {"drawn", draw_protocol(real.size(0), false, draw)}};
  }
  if (!(bandwidth > 0)) {
    return measures.set_missing("mmd_gaussian",
                                "more than half of the reference's pairs are duplicates, so that "
                                "their median distance is 0; --metric-options mmd.bandwidth=S "
                                "gives one");
  }
  if (is_blind(bandwidth, median)) {
    return measures.set_missing(
        "mmd_gaussian", c10::str("the kernel of bandwidth ", bandwidth,
                                 " is the same for all pairs, whose median distance is ", median));
  }
  measure_protocol(measures, "mmd_gaussian") = {
      {"kernel", "exp(-|x - y|^2 / (2 s^2))"}, {"bandwidth", bandwidth}, {"bandwidth_rule", rule}};
  measures.set("mmd_gaussian", gaussian_mmd(real, fake, bandwidth));
}

}  // namespace

double gaussian_mmd(const torch::Tensor& real, const torch::Tensor& fake, double bandwidth) {
  if (!(bandwidth > 0) || real.size(0) < 2 || fake.size(0) < 2) {
    fail(ErrorKind::kData, {.where = "maximum mean discrepancy",
                            .expected = "two samples of each and a bandwidth above 0",
                            .got = c10::str(real.size(0), ", ", fake.size(0), " and ", bandwidth)});
  }
  auto x = real.to(torch::kFloat64), y = fake.to(torch::kFloat64);
  const auto centre = x.mean(0, /*keepdim=*/true);  // small norms: distances keep their digits
  x = x - centre;
  y = y - centre;
  const auto n = static_cast<double>(x.size(0)), m = static_cast<double>(y.size(0));
  return gaussian_sum(x, x, bandwidth, true) / (n * (n - 1)) +
         gaussian_sum(y, y, bandwidth, true) / (m * (m - 1)) -
         2 * gaussian_sum(x, y, bandwidth, false) / (n * m);
}

double median_distance(const torch::Tensor& features) {
  if (features.dim() != 2 || features.size(0) < 2) {
    fail(ErrorKind::kData, {.where = "median distance",
                            .expected = "at least two samples (N,D)",
                            .got = c10::str(features.sizes())});
  }
  const auto sorted = std::get<0>(torch::pdist(features.to(torch::kFloat64).contiguous()).sort());
  const int64_t pairs = sorted.size(0);
  return (sorted[(pairs - 1) / 2].item<double>() + sorted[pairs / 2].item<double>()) / 2;
}

MetricFamily mmd_metric() {
  return {.name = "mmd",
          .measures = {"mmd_gaussian"},
          .missing = missing_features,
          .compute = compute_mmd,
          .options = {{"bandwidth", 0,
                       "s of the kernel exp(-|x - y|^2 / (2 s^2)); 0: the median distance between "
                       "reference samples",
                       at_least(0)}},
          .standard = false};
}

}  // namespace ganselect
