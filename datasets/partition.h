// Labels that a data set has not, made of it: clusters of its images' features, for GANs that are
// told a cluster as others are told a class (Sage et al. 2018, arXiv:1712.04407; Liu et al. 2020,
// arXiv:2006.10728). On disk as one safetensors file that describes itself.
//
// Shapes: N samples, F features, K clusters.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace ganselect {

struct Dataset;

struct Partition {
  torch::Tensor labels;                            // int64 (N), in [0, K)
  torch::Tensor centres;                           // float32 (K,F), of features of length 1
  std::uint64_t seed = 0;                          // of the k-means
  std::string detector, detector_digest;           // what made the features
  std::string data_name, data_split, data_digest;  // what of

  std::int64_t clusters() const { return centres.size(0); }
  // What tells two partitions apart, for a trial's settings.
  Json identity() const;
};

// Clusters of chance, for timings and checks that need some: rows in turn, centres drawn.
Partition any_partition(const Dataset& data, std::int64_t clusters, torch::Generator& random);

// "cluster-7"
std::string cluster_name(std::int64_t cluster);
std::vector<std::string> cluster_names(std::int64_t clusters);
// Whether classes of these names are clusters that were made, and not the data's own.
bool are_cluster_names(const std::vector<std::string>& class_names);

// Atomically. kFailed when it cannot be written.
void save_partition(const std::filesystem::path& path, const Partition& partition);

// kData when the file is missing, damaged, no partition, inconsistent in itself (a label outside
// the clusters), or made of other data than `data`, whose digest it is held against.
Partition load_partition(const std::filesystem::path& path, const Dataset& data);

}  // namespace ganselect
