// After the comparison of distances of Meehan, Chaudhuri & Dasgupta 2020 (arXiv:2004.05675). Unlike
// their z-score, the share has a unit that a newcomer can read, and a few copies among many fresh
// samples show in it.
#include "metrics/memorization.h"

#include <torch/torch.h>

#include <cmath>
#include <string>

#include "metrics/numerics/neighbors.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

int64_t held_out_needed(double quantile) { return static_cast<int64_t>(std::ceil(1 / quantile)); }

void compute_memorization(const EvaluationInput& input, const EvaluationSettings& settings,
                          Measures& measures) {
  const double quantile = metric_option(settings, "memorization.quantile");
  const int64_t held_out = input.heldout.features.size(0), needed = held_out_needed(quantile);
  if (held_out < needed) {
    return measures.set_missing("memorization", "needs at least " + std::to_string(needed) +
                                                    " held-out samples, got " +
                                                    std::to_string(held_out));
  }
  const auto score = memorization_score(input.real.features, input.heldout.features,
                                        input.fake.features, quantile);
  measure_protocol(measures, "memorization") = {{"quantile", quantile}, {"n_heldout", held_out}};
  measures.set("memorization", score.share);
}

}  // namespace

MemorizationScore memorization_score(const torch::Tensor& train, const torch::Tensor& heldout,
                                     const torch::Tensor& fake, double quantile) {
  if (!(quantile > 0 && quantile < 1) || heldout.size(0) < held_out_needed(quantile)) {
    fail(ErrorKind::kData,
         {.where = "memorization",
          .expected = "a quantile in (0,1) and at least 1/quantile held-out samples",
          .got = std::to_string(quantile) + " and " + std::to_string(heldout.size(0))});
  }
  const auto fresh = std::get<0>(nearest_distances(heldout, train, 1).flatten().sort());
  const auto rank = static_cast<int64_t>(std::floor(quantile * static_cast<double>(fresh.size(0))));
  const double threshold = fresh[rank].item<double>();
  const auto nearest = nearest_distances(fake, train, 1).flatten();
  return {.share = nearest.lt(threshold).to(torch::kFloat64).mean().item<double>(),
          .threshold = threshold};
}

MetricFamily memorization_metric() {
  return {.name = "memorization",
          .measures = {"memorization"},
          .missing = missing_heldout,
          .compute = compute_memorization,
          .options = {{"quantile", 0.01, "share of held-out samples that count as near",
                       between(1e-6, 0.5)}}};
}

}  // namespace ganselect
