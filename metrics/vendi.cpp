// Both sides' scores are of as many samples, since the score grows with their number: a generator's
// is read beside the data's own.
#include "metrics/vendi.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/seeds.h"
#include "datasets/subset.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr double kShannonWithin = 1e-8;  // of order 1: nearer, 1 / (1 - q) has no digits left

int64_t rows_of_zeros(const torch::Tensor& features) {
  return features.eq(0).all(1).sum().item<int64_t>();
}

// Eigenvalues above rounding, descending from 1 in units of the largest, and that largest.
struct Spectrum {
  double largest = 1;
  std::vector<double> relative;
};

Spectrum similarity_spectrum(const torch::Tensor& features) {
  const auto rows = features.to(torch::kFloat64);
  // Scaled by its largest number first, so that no square overflows or vanishes.
  const auto scaled = rows / std::get<0>(rows.abs().max(1, /*keepdim=*/true));
  const auto unit = scaled / scaled.norm(2, 1, /*keepdim=*/true);
  const auto product = unit.size(0) < unit.size(1) ? unit.mm(unit.t()) : unit.t().mm(unit);
  const auto values = torch::linalg_eigvalsh(product.cpu()) / static_cast<double>(unit.size(0));
  Spectrum spectrum{.largest = values.max().item<double>(), .relative = {}};
  const double rounding =
      static_cast<double>(product.size(0)) * std::numeric_limits<double>::epsilon();
  for (int64_t i = values.size(0) - 1; i >= 0; --i) {
    const double relative = values[i].item<double>() / spectrum.largest;
    if (relative > rounding) spectrum.relative.push_back(relative);
  }
  return spectrum;
}

void compute_vendi(const EvaluationInput& input, const EvaluationSettings& settings,
                   Measures& measures) {
  const double order = metric_option(settings, "vendi.order");
  const int64_t n = std::min(input.real.features.size(0), input.fake.features.size(0));
  if (n < 1)
    return set_all_missing(measures, {"vendi_score", "vendi_score_real"},
                           too_few(1, input.real.features.size(0), input.fake.features.size(0)));
  const auto score = [&](const char* name, const torch::Tensor& features, const char* stream) {
    const SampleDraw draw{.count = n, .seed = stream_seed(settings.seed, stream)};
    const auto rows = drawn_rows(features.size(0), draw).to(features.device());
    const auto drawn = features.index_select(0, rows);
    if (const auto zeros = rows_of_zeros(drawn); zeros > 0) {
      return measures.set_missing(
          name, "the features of " + std::to_string(zeros) + " of " + std::to_string(n) +
                    " samples are all 0, so that their similarity to others is not defined");
    }
    measure_protocol(measures, name) = {{"kernel", "cosine"},
                                        {"order", order},
                                        {"n", n},
                                        {"drawn", draw_protocol(features.size(0), false, draw)}};
    measures.set(name, vendi_score(drawn, order));
  };
  score("vendi_score", input.fake.features, "vendi generated rows");
  score("vendi_score_real", input.real.features, "vendi reference rows");
}

}  // namespace

double vendi_score(const torch::Tensor& features, double order) {
  if (features.dim() != 2 || features.numel() == 0 || !(order > 0) || rows_of_zeros(features) > 0) {
    fail(ErrorKind::kData, {.where = "Vendi score",
                            .expected = "samples (N,D), none of zeros, and an order above 0",
                            .got = c10::str(features.sizes(), " and ", order)});
  }
  const auto [largest, relative] = similarity_spectrum(features);
  if (std::abs(order - 1) < kShannonWithin) {
    double entropy = 0;
    for (const double one : relative) entropy -= largest * one * std::log(largest * one);
    return std::exp(entropy);
  }
  double sum = 0;  // in units of the largest, whose powers neither vanish nor overflow
  for (const double one : relative) sum += std::pow(one, order);
  return std::exp((order * std::log(largest) + std::log(sum)) / (1 - order));
}

MetricFamily vendi_metric() {
  return {.name = "vendi",
          .measures = {"vendi_score", "vendi_score_real"},
          .missing = missing_features,
          .compute = compute_vendi,
          .options = {{"order", 1, "order q of the entropy: below 1 rare samples count for more",
                       between(0.1, 1000)}},
          .standard = false};
}

}  // namespace ganselect
