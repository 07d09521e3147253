#include "metrics/partition_make.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/torch/generators.h"
#include "metrics/ndb.h"
#include "metrics/numerics/cosine_neighbors.h"

namespace ganselect {
namespace {

constexpr std::int64_t kRowsPerPart = 50;
constexpr std::int64_t kPartIterations = 30;

Partition named_partition(const Dataset& data, const Detector& detector) {
  Partition out;
  out.detector = detector.name();
  out.detector_digest = detector.digest();
  out.data_name = data.name;
  out.data_split = data.split;
  out.data_digest = data.digest;
  return out;
}

}  // namespace

torch::Tensor nearest_cluster(const torch::Tensor& rows, const torch::Tensor& centres) {
  constexpr std::int64_t kRowsAtATime = 4096;
  const auto c = centres.to(torch::kFloat64);
  const auto half_norms = c.square().sum(1) / 2;
  std::vector<torch::Tensor> parts;
  for (std::int64_t i = 0; i < rows.size(0); i += kRowsAtATime) {
    const auto part = rows.slice(0, i, i + kRowsAtATime).to(c.device(), torch::kFloat64);
    parts.push_back(torch::addmm(half_norms, part, c.t(), -1, 1).argmax(1));
  }
  return torch::cat(parts);
}

Partition make_partition(const Dataset& data, Detector& detector,
                         const PartitionSettings& settings) {
  if (settings.clusters < 2 || data.size() < settings.clusters) {
    fail(ErrorKind::kData,
         {.where = "partition of " + data.name,
          .expected = "2 to " + std::to_string(data.size()) + " clusters, as many as images",
          .got = std::to_string(settings.clusters)});
  }
  auto out = named_partition(data, detector);
  out.seed = settings.seed;
  const auto features = unit_rows(detect_all(detector, data.samples).features);
  const auto looked_at =
      torch::randperm(data.size(), make_stream(settings.seed, "partition rows"), torch::kInt64)
          .slice(0, 0, kRowsPerPart * settings.clusters);
  out.centres = kmeans_centres(features.index_select(0, looked_at), settings.clusters,
                               settings.seed, kPartIterations)
                    .to(torch::kCPU, torch::kFloat32)
                    .contiguous();
  out.labels = nearest_cluster(features, out.centres);
  return out;
}

Partition partition_of(const Dataset& data, Detector& detector, const Partition& made) {
  auto out = named_partition(data, detector);
  out.seed = made.seed;
  out.centres = made.centres;
  out.labels =
      nearest_cluster(unit_rows(detect_all(detector, data.samples).features), made.centres);
  return out;
}

}  // namespace ganselect
