// The authors' code looks up the nearest sample's distance under another set's index; here it is
// the nearest training sample's own, as the paper defines it.
#include "metrics/authenticity.h"

#include <torch/torch.h>

#include <string>

#include "metrics/numerics/neighbors.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

void compute_authenticity(const EvaluationInput& input, const EvaluationSettings&,
                          Measures& measures) {
  const auto &train = input.real.features, &heldout = input.heldout.features;
  const int64_t generated = input.fake.features.size(0);
  if (train.size(0) < 2 || generated < 1) {
    return set_all_missing(measures, {"authenticity", "authenticity_heldout"},
                           "needs at least 2 real samples and 1 generated, got " +
                               std::to_string(train.size(0)) + " and " + std::to_string(generated));
  }
  const Json protocol = {{"comparison", "<"}, {"n_train", train.size(0)}};
  const auto score = authenticity_score(train, input.fake.features);
  measure_protocol(measures, "authenticity") = protocol;
  measures.set("authenticity", score.share);
  if (score.duplicated_training > 0) {
    measures.warn("duplicate_samples", "authenticity",
                  std::to_string(score.duplicated_training) + " of " +
                      std::to_string(train.size(0)) +
                      " real samples have a duplicate: only exact copies of them are found");
  }
  if (!heldout.defined() || heldout.size(0) < 1)
    return measures.set_missing("authenticity_heldout", "needs features of held-out samples");
  measure_protocol(measures, "authenticity_heldout") = protocol;
  measures.set("authenticity_heldout", authenticity_score(train, heldout).share);
}

}  // namespace

AuthenticityScore authenticity_score(const torch::Tensor& train, const torch::Tensor& fake) {
  const auto gaps = nearest_distances(train, train, 1, /*same_set=*/true).flatten();
  const auto nearest = largest_at_nearest(fake, train, gaps);
  return {.share = nearest.values.lt(nearest.distances).to(torch::kFloat64).mean().item<double>(),
          .duplicated_training = gaps.eq(0).sum().item<int64_t>()};
}

MetricFamily authenticity_metric() {
  return {.name = "authenticity",
          .measures = {"authenticity", "authenticity_heldout"},
          .missing = missing_features,
          .compute = compute_authenticity,
          .standard = false};
}

}  // namespace ganselect
