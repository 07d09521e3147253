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
  return n * d * d <= kLargestFactorWork ? gaussian_factor(features)
                                         : gaussian_factor(feature_moments(features));
}

double frechet_inception_distance(const torch::Tensor& real, const torch::Tensor& fake) {
  return frechet_distance(fid_statistics(real), fid_statistics(fake));
}

MetricFamily fid_metric() {
  return {
      .name = "fid",
      .measures = {"fid"},
      .missing = missing_features,
      .compute = [](const EvaluationInput& input, const EvaluationSettings&, Measures& measures) {
        const auto& real = input.real.features;
        const auto& fake = input.fake.features;
        if (real.size(0) < 2 || fake.size(0) < 2) {
          return measures.set_missing("fid", too_few(2, real.size(0), fake.size(0)));
        }
        measure_protocol(measures, "fid") = {{"covariance", "N-1"}, {"statistics", "float64"}};
        warn_few_samples(real.size(0), real.size(1), "real", measures);
        warn_few_samples(fake.size(0), fake.size(1), "generated", measures);
        measures.set("fid", frechet_inception_distance(real, fake));
      }};
}

}  // namespace ganselect
