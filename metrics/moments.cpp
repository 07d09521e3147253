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

FeatureStatistics feature_statistics(const Moments& moments) {
  return {.mean = moments.mean, .covariance = moments.covariance(), .count = moments.count};
}

GaussianFactor gaussian_factor(const Moments& moments) {
  return gaussian_factor(feature_statistics(moments));
}

GaussianFactor gaussian_factor(const FeatureStatistics& statistics) {
  const auto [values, vectors] = torch::linalg_eigh(statistics.covariance);
  return {.mean = statistics.mean, .factor = vectors.t() * values.clamp_min(0).sqrt().unsqueeze(1)};
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
  const double root_trace = torch::linalg_svdvals(cross).sum().item<double>();
  return std::max(0.0, means + traces - 2 * root_trace);
}

}  // namespace ganselect
