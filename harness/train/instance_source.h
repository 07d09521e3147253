#pragma once
// Training from neighbourhoods (Casanova et al. 2021, arXiv 2109.05070, equation 2): the real
// sample of a condition h_i is one of its neighbourhood.
#include <memory>
#include <string>

#include "datasets/neighborhoods.h"
#include "harness/train/condition_source.h"

namespace ganselect {

// The instances that a generator keeps, entry by entry of its ConditionTable, and how features of
// others are brought into the form that it is told.
struct StoredInstances {
  torch::Tensor images;                   // uint8 (M,C,H,W)
  torch::Tensor rows;                     // int32 (M): where they stand in the training data
  FeatureScale scale;                     // of unit feature vectors
  std::string detector, detector_digest;  // what makes the features
};

// Draws i uniformly from the data, then j uniformly from A_i; gives x_j, the scaled features of i,
// and, where the candidate is told labels, y_j. Candidates that mirror are told the features of i
// mirrored by a chance of one half. `data` must have neighbourhoods; kData where features of
// mirrored images are needed and missing.
std::unique_ptr<ConditionSource> make_instance_source(const CandidateSpec& candidate,
                                                      const Dataset& data, torch::Device device,
                                                      SourceStreams streams);

// What samples can be asked for: the stored instances, each weighted by the samples it stands for,
// with its own label where the candidate is told labels.
ConditionTable make_instance_table(const CandidateSpec& candidate, const Dataset& data);

// F of the data's neighbourhoods; kData for a data set without any.
std::int64_t instance_width(const CandidateSpec& candidate, const Dataset& data);

}  // namespace ganselect
