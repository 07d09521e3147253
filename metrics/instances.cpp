#include "metrics/instances.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <string>

#include "base/error.h"
#include "metrics/fid.h"
#include "metrics/measure.h"
#include "metrics/numerics/cosine_neighbors.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

void compute_instances(const EvaluationInput& input, const EvaluationSettings&,
                       Measures& measures) {
  const auto& in = *input.instances;
  const auto distances = neighborhood_distances(in.neighborhoods);
  for (const char* name : {"fid_neighborhood_mean", "fid_neighborhood_worst"}) {
    measure_protocol(measures, name) = {{"neighborhoods", distances.neighborhoods},
                                        {"samples_each", distances.samples}};
  }
  measures.set("fid_neighborhood_mean", distances.mean);
  measures.set("fid_neighborhood_worst", distances.worst);
  measure_protocol(measures, "own_instance_share") = {{"instances", in.stored.size(0)},
                                                      {"samples", in.samples.size(0)}};
  measures.set("own_instance_share", own_instance_share(in.stored, in.samples, in.asked));
}

}  // namespace

NeighborhoodDistances neighborhood_distances(
    const std::vector<InstanceSamples::Neighborhood>& neighborhoods) {
  if (neighborhoods.empty()) {
    fail(ErrorKind::kData, {.where = "neighbourhoods", .expected = "at least one", .got = "none"});
  }
  NeighborhoodDistances out{.neighborhoods = static_cast<int64_t>(neighborhoods.size()),
                            .samples = std::numeric_limits<int64_t>::max()};
  for (const auto& one : neighborhoods) {
    const auto rows = std::min(one.real.size(0), one.fake.size(0));
    if (rows < 2) {
      fail(ErrorKind::kData, {.where = "neighbourhoods",
                              .expected = "at least two samples a side",
                              .got = std::to_string(rows)});
    }
    const double fid = frechet_inception_distance(one.real, one.fake);
    out.mean += fid / static_cast<double>(neighborhoods.size());
    out.worst = std::max(out.worst, fid);
    out.samples = std::min(out.samples, rows);
  }
  return out;
}

double own_instance_share(const torch::Tensor& stored, const torch::Tensor& samples,
                          const torch::Tensor& asked) {
  const auto nearest = cosine_neighbors(samples, stored, 1).indices.squeeze(1).to(torch::kInt64);
  return nearest.eq(asked).to(torch::kFloat64).mean().item<double>();
}

MetricFamily instances_metric() {
  return {.name = "instances",
          .measures = {"fid_neighborhood_mean", "fid_neighborhood_worst", "own_instance_share"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (input.instances) return std::nullopt;
            return "needs samples that were asked for instances";
          },
          .compute = compute_instances,
          .reads_instances = true};
}

}  // namespace ganselect
