// What conditioning on instances needs of a data set (Casanova et al. 2021, arXiv:2109.05070): the
// feature vector of every sample, its neighbourhood A_i in feature space, and the few instances
// that a generator keeps to be sampled from. On disk as one safetensors file that describes itself.
//
// Shapes: N samples, F features, k neighbours, M stored instances.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/json.h"

namespace ganselect {

struct Dataset;

// Instance features in the scale that networks are told them in: less the mean of the training
// set's unit vectors, over its deviation, feature by feature. The paper feeds the unit vectors;
// their numbers are small and share one large common part, which costs training time.
struct FeatureScale {
  torch::Tensor mean, deviation;  // float32 (F)

  // float32 (n,F), rows of length 1 -> float32 (n,F), on the rows' device.
  torch::Tensor apply(const torch::Tensor& unit_features) const;
};

// The scale of unit vectors (N,F). A feature that never changes keeps the deviation 1.
FeatureScale feature_scale(const torch::Tensor& unit_features);

struct Neighborhoods {
  torch::Tensor features;   // float32 (N,F), rows of length 1
  torch::Tensor mirrored;   // the same of the images mirrored left to right; may be undefined
  FeatureScale scale;       // of the training images' features
  torch::Tensor neighbors;  // int32 (N,k): A_i, the most similar first; with include_self, i itself
  bool include_self = false;
  torch::Tensor stored;                   // int32 (M): rows that stand for the set, ascending
  torch::Tensor stored_counts;            // int32 (M): samples that each stands for, sum N
  std::string detector, detector_digest;  // what made the features
  std::string data_name, data_split, data_digest;  // what of

  std::int64_t size() const { return features.size(0); }
  std::int64_t k() const { return neighbors.size(1); }
  // float32 (N,F): what networks are told.
  torch::Tensor scaled_features() const { return scale.apply(features); }
  torch::Tensor scaled_mirrored() const { return scale.apply(mirrored); }
  // What tells two neighbourhoods apart, for a trial's settings.
  Json identity() const;
};

// Atomically. kFailed when it cannot be written.
void save_neighborhoods(const std::filesystem::path& path, const Neighborhoods& neighborhoods);

// kData when the file is missing, damaged, not neighbourhoods, inconsistent in itself (an index
// outside the set), or made of other data than `data`, whose digest it is held against.
Neighborhoods load_neighborhoods(const std::filesystem::path& path, const Dataset& data);

}  // namespace ganselect
