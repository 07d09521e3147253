#include "metrics/numerics/moments.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/torch/finite.h"

namespace ganselect {
namespace {

constexpr int64_t kScatterBlock = 256;   // columns of a block of the scatter matrix
constexpr int64_t kLargeMatrix = 512;    // from here on the time of singular values is felt
constexpr double kRelativeLoss = 1e-10;  // of means and traces, allowed to the faster way
constexpr double kLeastPivot = 1e-8;     // of the largest: above it sums lose no digit that counts

void check_matrix(const torch::Tensor& features, const char* where, int64_t least) {
  if (features.dim() == 2 && features.size(0) >= least && features.size(1) >= 1) return;
  fail(ErrorKind::kData, {.where = where,
                          .expected = "features (N,D) with N >= " + std::to_string(least),
                          .got = "shape " + c10::str(features.sizes())});
}

void check_dimensions(int64_t a, int64_t b, const char* where) {
  if (a == b) return;
  fail(ErrorKind::kData, {.where = where,
                          .expected = "the same number of feature dimensions",
                          .got = std::to_string(a) + " and " + std::to_string(b)});
}

// Adds rows^T rows to the upper triangle of `scatter`: half the products of the whole, but for the
// blocks on the diagonal.
void add_upper_scatter(const torch::Tensor& rows, torch::Tensor& scatter) {
  for (int64_t i = 0; i < rows.size(1); i += kScatterBlock) {
    const auto right = rows.slice(1, i);
    scatter.slice(0, i, i + kScatterBlock)
        .slice(1, i)
        .addmm_(rows.slice(1, i, i + kScatterBlock).t(), right);
  }
}

// Sum of the singular values of M. Those of M M^T are had in half the time but lose half the
// digits: they serve where the bound on what is lost stays below `tolerance`, else the values
// themselves are taken.
double nuclear_norm(const torch::Tensor& matrix, double tolerance) {
  const int64_t least = std::min(matrix.size(0), matrix.size(1));
  if (least >= kLargeMatrix) {
    // Of the smaller of M M^T and M^T M the upper triangle, which is all that is read.
    auto gram = torch::zeros({least, least}, matrix.options());
    add_upper_scatter(matrix.size(0) <= matrix.size(1) ? matrix.t() : matrix, gram);
    const auto squares = torch::linalg_eigvalsh(gram, "U").clamp_min(0);
    const auto values = squares.sqrt();
    // Rounding errors of the products and of the eigenvalues add up like a random walk.
    const double lost = std::sqrt(static_cast<double>(least)) *
                        std::numeric_limits<double>::epsilon() * squares.max().item<double>();
    const double bound =
        torch::minimum(lost / (2 * values), torch::full_like(values, std::sqrt(lost)))
            .sum()
            .item<double>();
    if (bound <= tolerance) return values.sum().item<double>();
  }
  return torch::linalg_svdvals(matrix).sum().item<double>();
}

// Nothing where the covariance is singular.
std::optional<GaussianFactor> cholesky_factor(const FeatureStatistics& statistics) {
  const auto [lower, info] = torch::linalg_cholesky_ex(statistics.covariance);
  if (info.item<int>() != 0) return std::nullopt;
  return GaussianFactor{.mean = statistics.mean, .factor = lower.t()};
}

}  // namespace

torch::Tensor Moments::covariance() const {
  if (count < 2) {
    fail(ErrorKind::kData,
         {.where = "covariance", .expected = "2 or more samples", .got = std::to_string(count)});
  }
  return scatter / static_cast<double>(count - 1);
}

Moments feature_moments(const torch::Tensor& features, int64_t chunk) {
  check_matrix(features, "moments", 1);
  const int64_t n = features.size(0), d = features.size(1);
  const auto options = features.options().dtype(torch::kFloat64);
  const int64_t chunks = (n + chunk - 1) / chunk;
  auto scatter = torch::zeros({d, d}, options);
  auto means = torch::empty({chunks, d}, options);
  auto counts = torch::full({chunks, 1}, chunk, options);
  counts[chunks - 1] = n - (chunks - 1) * chunk;
  // One room for all chunks: a new one each would cost the system more than the sums.
  const auto room = torch::empty({std::min(chunk, n), d}, options);
  for (int64_t c = 0; c < chunks; ++c) {
    const auto part = features.slice(0, c * chunk, std::min((c + 1) * chunk, n));
    auto rows = room.narrow(0, 0, part.size(0)).copy_(part);
    auto mean = means[c];
    at::mean_out(mean, rows, 0);
    add_upper_scatter(rows.sub_(mean), scatter);
  }
  auto mean = (means * counts).sum(0) / static_cast<double>(n);
  // What the chunks' own means hide: their distances from the common one, weighted by their sizes.
  add_upper_scatter((means - mean) * counts.sqrt(), scatter);
  scatter.copy_(scatter.triu() + scatter.triu(1).t());
  return {.count = n, .mean = mean, .scatter = scatter};
}

Moments merge(const Moments& a, const Moments& b) {
  check_dimensions(a.mean.size(0), b.mean.size(0), "merge of moments");
  const auto n = static_cast<double>(a.count + b.count);
  const auto shift = b.mean - a.mean;
  const auto weight = static_cast<double>(a.count) * static_cast<double>(b.count) / n;
  return {.count = a.count + b.count,
          .mean = a.mean + shift * (static_cast<double>(b.count) / n),
          .scatter = a.scatter + b.scatter + torch::outer(shift, shift) * weight};
}

GaussianFactor gaussian_factor(const torch::Tensor& features) {
  check_matrix(features, "gaussian_factor", 2);
  const auto samples = features.to(torch::kFloat64);
  const auto mean = samples.mean(0);
  auto factor = (samples - mean) / std::sqrt(static_cast<double>(samples.size(0) - 1));
  if (samples.size(0) > samples.size(1)) factor = std::get<1>(torch::linalg_qr(factor, "r"));
  return {.mean = mean, .factor = factor};
}

FeatureStatistics feature_statistics(const Moments& moments) {
  return {.mean = moments.mean, .covariance = moments.covariance(), .count = moments.count};
}

GaussianFactor gaussian_factor(const Moments& moments) {
  return gaussian_factor(feature_statistics(moments));
}

std::optional<GaussianFactor> stable_factor(const Moments& moments) {
  auto found = cholesky_factor(feature_statistics(moments));
  if (!found) return std::nullopt;
  const auto pivots = found->factor.diagonal();
  const auto ratio = (pivots.min() / pivots.max()).square();
  if (!(ratio.item<double>() >= kLeastPivot)) return std::nullopt;
  return found;
}

GaussianFactor gaussian_factor(const FeatureStatistics& statistics) {
  if (auto found = cholesky_factor(statistics)) return *found;
  const auto& [mean, covariance, count] = statistics;
  const auto [values, vectors] = torch::linalg_eigh(covariance);
  return {.mean = mean, .factor = vectors.t() * values.clamp_min(0).sqrt().unsqueeze(1)};
}

double frechet_distance(const GaussianFactor& a, const GaussianFactor& b) {
  check_dimensions(a.mean.size(0), b.mean.size(0), "FID");
  const double means = (a.mean - b.mean).square().sum().item<double>();
  const double traces =
      a.factor.square().sum().item<double>() + b.factor.square().sum().item<double>();
  const auto cross = a.factor.mm(b.factor.t());
  if (!std::isfinite(means + traces) || !all_finite(cross)) {
    return std::numeric_limits<double>::infinity();
  }
  const double root_trace = nuclear_norm(cross, kRelativeLoss * (means + traces));
  return std::max(0.0, means + traces - 2 * root_trace);
}

}  // namespace ganselect
