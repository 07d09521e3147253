// Whether samples that were asked for a cluster of the data lie in it.
#include <torch/torch.h>

#include <string>

#include "metrics/measure.h"
#include "metrics/partition_make.h"
#include "metrics/requirements.h"

namespace ganselect {

MetricFamily clusters_metric() {
  return {.name = "clusters",
          .measures = {"own_cluster_share"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (input.clusters) return std::nullopt;
            return "needs samples that were asked for clusters of the data";
          },
          .compute =
              [](const EvaluationInput& input, const EvaluationSettings&, Measures& measures) {
                const auto& in = *input.clusters;
                measure_protocol(measures, "own_cluster_share") = {{"clusters", in.centres.size(0)},
                                                                   {"samples", in.samples.size(0)}};
                measures.set("own_cluster_share", nearest_cluster(in.samples, in.centres)
                                                      .eq(in.asked)
                                                      .to(torch::kFloat64)
                                                      .mean()
                                                      .item<double>());
              },
          .needs_features = false,
          .standard = false};
}

}  // namespace ganselect
