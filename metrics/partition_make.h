// From a data set and a detector to a partition of it (datasets/partition.h).
#pragma once

#include <cstdint>
#include <string>

#include "datasets/dataset.h"
#include "datasets/partition.h"
#include "metrics/detectors/detector.h"

namespace ganselect {

struct PartitionSettings {
  std::string features = "simclr";  // as load_feature_detector takes it
  std::int64_t clusters = 100;
  std::uint64_t seed = 0;  // of the k-means
};

// k-means (metrics/ndb.h) of the images' unit feature vectors, of at most 50 drawn rows a cluster;
// then every image belongs to the nearest centre. A cluster may be left with none. kData for fewer
// samples than clusters.
Partition make_partition(const Dataset& data, Detector& detector,
                         const PartitionSettings& settings);

// The same clusters of other images: each belongs to the nearest centre.
Partition partition_of(const Dataset& data, Detector& detector, const Partition& made);

// int64 (N): of rows (N,F) the nearest of centres (K,F), ties to the first.
torch::Tensor nearest_cluster(const torch::Tensor& rows, const torch::Tensor& centres);

}  // namespace ganselect
