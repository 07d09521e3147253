// Mean and covariance of features in float64, from pieces of any size, and the factor form in which
// FID is computed.
//
// Shapes: N samples, D feature dimensions, R rows of a factor.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

namespace ganselect {

// Sums that merge exactly up to rounding (Chan, Golub & LeVeque 1979); memory independent of N.
struct Moments {
  int64_t count = 0;
  torch::Tensor mean;     // float64 (D)
  torch::Tensor scatter;  // float64 (D,D), sum of (x - mean)(x - mean)^T

  torch::Tensor covariance() const;  // scatter / (N - 1), the unbiased one; kData below two samples
};

// A Gaussian of features as files store it.
struct FeatureStatistics {
  torch::Tensor mean;            // float64 (D)
  torch::Tensor covariance;      // float64 (D,D)
  std::optional<int64_t> count;  // samples, where it is known
};
FeatureStatistics feature_statistics(const Moments& moments);  // kData below two samples

// features: any floating type (N,D), N >= 1. One pass in chunks of `chunk` rows, each centred on
// its own mean; then what lies between the chunks (Chan, Golub & LeVeque 1979). Half the products
// of the symmetric matrix are computed.
Moments feature_moments(const torch::Tensor& features, int64_t chunk = 1024);

// Moments of the union. Throws kData when D differs.
Moments merge(const Moments& a, const Moments& b);

// A Gaussian as its mean and a factor F with F^T F = covariance (N - 1).
struct GaussianFactor {
  torch::Tensor mean;    // float64 (D)
  torch::Tensor factor;  // float64 (R,D)
};

// From the samples themselves, never squaring them: R of the QR decomposition of the centred
// samples, or these where N < D. So small eigenvalues keep their digits. N >= 2.
GaussianFactor gaussian_factor(const torch::Tensor& features);
// From sums: the Cholesky factor; where the covariance is singular, a symmetric eigendecomposition
// with eigenvalues below 0 (rounding) taken as 0.
GaussianFactor gaussian_factor(const Moments& moments);
GaussianFactor gaussian_factor(const FeatureStatistics& statistics);
// The Cholesky factor where the covariance is so far from singular that the sums hold its small
// eigenvalues as well as the samples do; else nothing.
std::optional<GaussianFactor> stable_factor(const Moments& moments);

// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), Dowson & Landau 1982; at least 0. The last trace is
// the sum of the singular values of F1 F2^T, so no square root of a non-symmetric matrix is taken.
// Infinite when a term overflows. kData when D differs.
double frechet_distance(const GaussianFactor& a, const GaussianFactor& b);

}  // namespace ganselect
