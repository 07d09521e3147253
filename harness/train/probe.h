#pragma once
// Looks at both networks from time to time without leaving a trace: buffers (batch norm's
// statistics, spectral norm's vectors) and the training streams stand afterwards as they stood
// before.
#include <torch/torch.h>

#include <memory>

#include "datasets/dataset.h"
#include "harness/train/condition_source.h"
#include "harness/train/curve.h"
#include "harness/train/settings.h"
#include "models/build.h"

namespace ganselect {

// Mean Euclidean distance over all pairs of rows: samples (N, ...) of a floating type, N >= 2 ->
// float32 scalar.
torch::Tensor mean_pair_distance(const torch::Tensor& samples);

class Probe {
 public:
  // `noise` feeds the draws and the critic's dropout during a probe. held_out may be null.
  Probe(const CandidateSpec& candidate, const Dataset& train, const Dataset* held_out,
        std::int64_t batch, torch::Device device, torch::Generator noise);

  // Writes sample_diversity and, with held-out data, critic_accuracy_heldout. Networks are in
  // training mode, as the scores of batch-norm critics mean nothing otherwise. `training_noise` is
  // what both go back to. Generated samples are asked for conditions as in a generator step.
  void read(Networks& networks, const torch::Generator& training_noise, const Precision& precision,
            CurveRow& row);

 private:
  torch::Generator noise_;
  std::int64_t batch_;
  int pack_;                                           // samples that the critic judges at once
  std::unique_ptr<ConditionSource> train_, held_out_;  // held_out_: nullptr without such data
  double data_distance_;
};

}  // namespace ganselect
