// Transfer to classes that training left out (Casanova et al. 2021, arXiv:2109.05070, section 4.3):
// how near samples come to images of those classes, asked for them and as they come.
#include <torch/torch.h>

#include "metrics/fid.h"
#include "metrics/prdc.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

void set_unseen(const torch::Tensor& unseen, const torch::Tensor& fake, int64_t nearest_k,
                const std::string& ending, const Json& samples, Measures& measures) {
  const Json counts = {
      {"n_unseen", unseen.size(0)}, {"n_fake", fake.size(0)}, {"samples", samples}};
  const std::string fid = "fid_unseen" + ending, coverage = "coverage_unseen" + ending;
  measure_protocol(measures, fid) = counts;
  measure_protocol(measures, coverage) = counts;
  measure_protocol(measures, coverage)["k"] = nearest_k;
  measures.set(fid, frechet_inception_distance(unseen, fake));
  measures.set(
      coverage,
      manifold_scores(unseen, fake, {{.nearest_k = nearest_k, .closed = false}})[0].coverage);
}

void compute_transfer(const EvaluationInput& input, const EvaluationSettings& settings,
                      Measures& measures) {
  const auto& fake = input.fake.features;
  const auto k = settings.nearest_k;
  if (!input.unseen_fake.defined()) {
    set_unseen(input.unseen, fake, k, "", "as they come", measures);
    return set_all_missing(measures, {"fid_unseen_unswapped", "coverage_unseen_unswapped"},
                           "the generator is not conditioned on instances");
  }
  set_unseen(input.unseen, input.unseen_fake, k, "", "conditioned on unseen instances", measures);
  set_unseen(input.unseen, fake, k, "_unswapped", "conditioned on training instances", measures);
}

}  // namespace

MetricFamily transfer_metric() {
  return {.name = "transfer",
          .measures = {"fid_unseen", "coverage_unseen", "fid_unseen_unswapped",
                       "coverage_unseen_unswapped"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (const auto why = missing_features(input)) return why;
            if (input.unseen.defined()) return std::nullopt;
            return "needs images of classes that training left out";
          },
          .compute = compute_transfer,
          .reads_instances = true};
}

}  // namespace ganselect
