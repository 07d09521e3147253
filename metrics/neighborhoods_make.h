// From a data set and a detector to its neighbourhoods (datasets/neighborhoods.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "datasets/dataset.h"
#include "datasets/neighborhoods.h"
#include "metrics/detectors/detector.h"

namespace ganselect {

struct NeighborhoodSettings {
  std::string features = "simclr";  // as load_feature_detector takes it
  std::int64_t k = 50;              // neighbours, the instance itself counted when included
  // The paper's A_i reads as if the instance were of it; the authors' code leaves it out, so that
  // images are varied and not reconstructed.
  bool include_self = false;
  std::int64_t stored = 1000;  // instances that stand for the set, at most
  std::uint64_t seed = 0;      // of the k-means that chooses them
};

// The detector whose features instances are compared by: `simclr` and `judge` stand for the data
// set's own (those of cifar10 where it has none), anything else is a detector's name, an
// embedding's safetensors file, or a TorchScript file. Errors as load_detector.
std::unique_ptr<Detector> load_feature_detector(const std::string& features,
                                                const std::string& dataset, torch::Device device);

// Features of images as they are and mirrored, exact neighbours of the former by cosine
// similarity, and the stored instances: k-means
// (metrics/ndb.h) of the unit vectors (of ten rows a cluster, drawn), then of each cluster the
// sample nearest to its centre. An N x N matrix is never made. kData when k is larger than the set
// allows.
Neighborhoods make_neighborhoods(const Dataset& data, Detector& detector,
                                 const NeighborhoodSettings& settings,
                                 torch::Device device = torch::kCPU);

// Of images that nothing is trained from (held out, or of another set): each is its own only
// neighbour and stands for itself, told in the scale of the training images. mirrored: with the
// features of mirrored images.
Neighborhoods own_neighborhoods(const Dataset& data, Detector& detector, const FeatureScale& scale,
                                bool mirrored = false);

// Rows that stand for a set of unit vectors (N,F), at most `count`, ascending, and how many rows
// each stands for. count >= N: every row.
struct Representatives {
  torch::Tensor rows, counts;  // int32 (M)
};
Representatives choose_representatives(const torch::Tensor& unit_features, std::int64_t count,
                                       std::uint64_t seed);

}  // namespace ganselect
