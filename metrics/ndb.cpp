#include "metrics/ndb.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/torch/generators.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr double kSignificance = 0.05;
constexpr int64_t kLeastSamplesPerBin = 10;  // below, the z-test's normal approximation fails
constexpr int64_t kAssignRows = 4096;        // rows compared with all centres at a time

// int64 (N): index of the nearest centre. The smallest squared distance is the smallest |c|^2 - 2
// x.c.
torch::Tensor nearest_centre(const torch::Tensor& features, const torch::Tensor& centres) {
  const auto half_norms = centres.square().sum(1) / 2;
  std::vector<torch::Tensor> parts;
  for (int64_t start = 0; start < features.size(0); start += kAssignRows) {
    const auto rows = features.slice(0, start, start + kAssignRows);
    parts.push_back(torch::addmm(half_norms, rows, centres.t(), 1, -1).argmin(1));
  }
  return torch::cat(parts);
}

// k-means++: each next centre is a row drawn with chance proportional to its squared distance from
// the centres so far.
torch::Tensor first_centres(const torch::Tensor& features, int64_t bins,
                            torch::Generator generator) {
  const int64_t n = features.size(0);
  const auto draw = [&](const torch::Tensor& weights) {
    const auto cumulative = weights.cumsum(0);
    const auto total = cumulative[-1];
    // Drawn on the host, so that every device takes the same rows.
    const auto target = torch::rand({1}, generator, torch::kFloat64).to(total.device()) * total;
    return std::min<int64_t>(
        torch::searchsorted(cumulative, target, false, /*right=*/true).item<int64_t>(), n - 1);
  };
  auto centres = torch::empty({bins, features.size(1)}, features.options());
  centres[0].copy_(features[draw(torch::ones({n}, features.options()))]);
  auto squared = (features - centres[0]).square().sum(1);
  for (int64_t b = 1; b < bins; ++b) {
    centres[b].copy_(features[draw(squared)]);
    squared = torch::minimum(squared, (features - centres[b]).square().sum(1));
  }
  return centres;
}

void check_counts(const torch::Tensor& counts) {
  if (counts.dim() != 1 || counts.size(0) < 1 || counts.is_floating_point() ||
      counts.min().item<int64_t>() < 0 || counts.sum().item<int64_t>() < 1) {
    fail(ErrorKind::kData, {.where = "bin counts",
                            .expected = "integers >= 0, one a bin, with a positive sum",
                            .got = std::string(c10::toString(counts.scalar_type())) + " " +
                                   c10::str(counts.sizes())});
  }
}

void compute_ndb(const EvaluationInput& input, const EvaluationSettings& settings,
                 Measures& measures) {
  auto real = input.real_bin_counts, fake = input.fake_bin_counts;
  Json protocol = {{"bins_from", "given counts"}};
  if (!real.defined()) {
    const int64_t n = input.real.features.size(0), m = input.fake.features.size(0);
    const auto bins = static_cast<int64_t>(metric_option(settings, "ndb.bins"));
    const int64_t needed = bins * kLeastSamplesPerBin;
    if (n < needed || m < needed)
      return set_all_missing(measures, {"ndb", "jsd"}, too_few(needed, n, m));
    const auto centres = kmeans_centres(input.real.features, bins, settings.seed);
    real = count_by_centre(input.real.features, centres);
    fake = count_by_centre(input.fake.features, centres);
    protocol = {{"bins_from", "k-means of the real features"}, {"seed", settings.seed}};
  }
  const auto comparison = compare_bins(real, fake);
  protocol["bins"] = real.size(0);
  measure_protocol(measures, "jsd") = protocol;
  protocol["significance"] = kSignificance;
  measure_protocol(measures, "ndb") = protocol;
  measures.set("ndb", static_cast<double>(comparison.different));
  measures.set("jsd", comparison.jsd);
}

}  // namespace

BinComparison compare_bins(const torch::Tensor& real, const torch::Tensor& fake) {
  check_counts(real);
  check_counts(fake);
  const auto middle_kl = [](const torch::Tensor& p, const torch::Tensor& m) {
    return (torch::xlogy(p, p) - torch::xlogy(p, m)).sum().item<double>();
  };
  if (real.sizes() != fake.sizes()) {
    fail(ErrorKind::kData, {.where = "bin counts",
                            .expected = "the same number of bins",
                            .got = c10::str(real.sizes()) + " and " + c10::str(fake.sizes())});
  }
  const auto r = real.to(torch::kCPU, torch::kFloat64), f = fake.to(torch::kCPU, torch::kFloat64);
  const auto n = r.sum(), m = f.sum();
  const auto p = r / n, q = f / m;
  const auto pooled = (r + f) / (n + m);
  const auto deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).sqrt();
  // erfc keeps the digits of small p-values that 1 - cdf would lose.
  const auto p_values = torch::erfc((p - q).abs() / deviation / std::sqrt(2.0));
  const auto middle = (p + q) / 2;
  return {.different = p_values.lt(kSignificance).sum().item<int64_t>(),
          .jsd = std::max(0.0, (middle_kl(p, middle) + middle_kl(q, middle)) / 2),
          .p_values = p_values};
}

torch::Tensor kmeans_centres(const torch::Tensor& features, int64_t bins, std::uint64_t seed,
                             int64_t iterations) {
  if (bins < 1 || features.dim() != 2 || features.size(0) < bins) {
    fail(ErrorKind::kData, {.where = "k-means",
                            .expected = "at least " + std::to_string(bins) + " samples (N,D)",
                            .got = c10::str(features.sizes())});
  }
  const auto x = features.to(torch::kFloat64);
  auto centres = first_centres(x, bins, make_stream(seed, "bins"));
  torch::Tensor owner;
  for (int64_t i = 0; i < iterations; ++i) {
    const auto next = nearest_centre(x, centres);
    if (owner.defined() && next.equal(owner)) break;
    owner = next;
    const auto counts = owner.bincount({}, bins).to(torch::kFloat64).unsqueeze(1);
    const auto sums = torch::zeros_like(centres).index_add_(0, owner, x);
    // A centre that lost all its samples stays where it is.
    centres = torch::where(counts.gt(0), sums / counts.clamp_min(1), centres);
  }
  return centres;
}

torch::Tensor count_by_centre(const torch::Tensor& features, const torch::Tensor& centres) {
  return nearest_centre(features.to(torch::kFloat64), centres.to(features.device()))
      .bincount({}, centres.size(0))
      .cpu();
}

MetricFamily ndb_metric() {
  return {.name = "ndb",
          .measures = {"ndb", "jsd"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (input.real_bin_counts.defined() && input.fake_bin_counts.defined())
              return std::nullopt;
            return missing_features(input);
          },
          .compute = compute_ndb,
          .options = {{"bins", 100, "bins of ndb and jsd", whole_at_least(1)}}};
}

}  // namespace ganselect
