#include "metrics/moments.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"

namespace ganselect {
namespace {

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

// The roots of the eigenvalues of m m^T, several times faster than a singular value decomposition,
// where their errors cannot sum to more than 1e-8 of `scale`; else that decomposition. An
// eigenvalue is off by a few epsilon of the largest, delta, its root by at most min(delta / root,
// root of delta); on decaying spectra the sum was found to be off by 1e-14.
double sum_of_singular_values(const torch::Tensor& m, double scale) {
  constexpr double kLargestError = 1e-8;
  constexpr double kEigenvalueError = 4 * std::numeric_limits<double>::epsilon();
  const double unit = m.abs().max().item<double>();  // squares of it might not be in range
  if (unit == 0) return 0;
  const auto n = m / unit;
  const auto squares = torch::linalg_eigvalsh(n.mm(n.t())).clamp_min(0);
  const auto roots = squares.sqrt();
  const auto delta = squares.max() * kEigenvalueError;
  const auto error = torch::minimum(delta / roots, delta.sqrt()).sum();  // delta / 0: the other one
  if (unit * error.item<double>() <= kLargestError * scale) {
    return unit * roots.sum().item<double>();
  }
  return torch::linalg_svdvals(m).sum().item<double>();
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
  Moments total;
  for (int64_t start = 0; start < features.size(0); start += chunk) {
    const auto rows =
        features.slice(0, start, std::min(start + chunk, features.size(0))).to(torch::kFloat64);
    Moments part{.count = rows.size(0), .mean = rows.mean(0), .scatter = {}};
    const auto centred = rows - part.mean;
    part.scatter = centred.t().mm(centred);
    total = total.count == 0 ? part : merge(total, part);
  }
  return total;
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

GaussianFactor gaussian_factor(const Moments& moments) {
  const auto [values, vectors] = torch::linalg_eigh(moments.covariance());
  return {.mean = moments.mean, .factor = vectors.t() * values.clamp_min(0).sqrt().unsqueeze(1)};
}

double frechet_distance(const GaussianFactor& a, const GaussianFactor& b) {
  check_dimensions(a.mean.size(0), b.mean.size(0), "FID");
  const double means = (a.mean - b.mean).square().sum().item<double>();
  const double traces =
      a.factor.square().sum().item<double>() + b.factor.square().sum().item<double>();
  const auto cross = a.factor.mm(b.factor.t());
  if (!std::isfinite(means + traces) || !cross.isfinite().all().item<bool>()) {
    return std::numeric_limits<double>::infinity();
  }
  const double root_trace = sum_of_singular_values(cross, means + traces);
  return std::max(0.0, means + traces - 2 * root_trace);
}

}  // namespace ganselect
