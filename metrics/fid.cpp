// Frechet inception distance (Heusel et al. 2017). As the authors' code: covariance with N - 1.
// Unlike it: the trace of the root comes from singular values, so a singular covariance needs no
// added diagonal and no imaginary part appears.
#include "metrics/fid.h"

#include "metrics/requirements.h"

namespace ganselect {
namespace {

// Above so many multiply-adds (10,000 samples of 2,048 dimensions: 4e10) the orthogonal factor
// gives way to the sums.
constexpr double kLargestFactorWork = 1e11;

void warn_few_samples(int64_t n, int64_t d, const char* set, Measures& measures) {
  if (n > d) return;
  measures.warn("fewer_samples_than_dimensions", "fid",
                std::to_string(n) + " " + set + " samples in " + std::to_string(d) +
                    " dimensions: the covariance is singular and FID strongly biased upwards; "
                    "compare kid_exact instead");
}

}  // namespace

GaussianFactor fid_statistics(const torch::Tensor& features) {
  const auto n = static_cast<double>(features.size(0)), d = static_cast<double>(features.size(1));
  const bool large = n * d * d > kLargestFactorWork;
  if (n <= d) return gaussian_factor(features);
  const auto moments = feature_moments(features);
  // Sums take a third of the orthogonal factor's time.
  if (auto factor = stable_factor(moments)) return *factor;
  return large ? gaussian_factor(moments) : gaussian_factor(features);
}

double frechet_inception_distance(const torch::Tensor& real, const torch::Tensor& fake) {
  return frechet_distance(fid_statistics(real), fid_statistics(fake));
}

namespace {

// One side of the distance: features where they are at hand, else their statistics.
struct FidSide {
  const torch::Tensor& features;
  const std::optional<FeatureStatistics>& statistics;

  // Unknown for statistics of a file that does not say.
  std::optional<int64_t> count() const {
    return features.defined() ? features.size(0) : statistics->count;
  }
  int64_t dimensions() const {
    return features.defined() ? features.size(1) : statistics->mean.size(0);
  }
  GaussianFactor factor() const {
    return features.defined() ? fid_statistics(features) : gaussian_factor(*statistics);
  }
};

void compute_fid(const EvaluationInput& input, const EvaluationSettings&, Measures& measures) {
  const FidSide real{input.real.features, input.real_statistics},
      fake{input.fake.features, input.fake_statistics};
  if (real.count().value_or(2) < 2 || fake.count().value_or(2) < 2) {
    return measures.set_missing("fid",
                                too_few(2, real.count().value_or(2), fake.count().value_or(2)));
  }
  measure_protocol(measures, "fid") = {{"covariance", "N-1"}, {"statistics", "float64"}};
  if (real.count()) warn_few_samples(*real.count(), real.dimensions(), "real", measures);
  if (fake.count()) warn_few_samples(*fake.count(), fake.dimensions(), "generated", measures);
  measures.set("fid", frechet_distance(real.factor(), fake.factor()));
}

}  // namespace

MetricFamily fid_metric() {
  return {.name = "fid",
          .measures = {"fid"},
          .missing = missing_statistics,
          .compute = compute_fid,
          .needs_features = false};
}

}  // namespace ganselect
