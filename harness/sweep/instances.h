// Conditioning on instances and on clusters, from files to samples: the neighbourhoods or the
// partition that a trial trains from, what its measures look at, and samples of chosen instances.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/evaluate/evaluation.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/checkpoint.h"
#include "harness/train/condition_source.h"
#include "metrics/neighborhoods_make.h"

namespace ganselect {

// Where a trial's neighbourhoods come from; unread for candidates that need none.
struct NeighborhoodSource {
  std::filesystem::path file;     // of `neighbors build`; empty: made by the settings
  NeighborhoodSettings settings;  // features must be those of the file
  std::filesystem::path keep;     // where made ones are kept and found again; empty: nowhere
  // The same of a partition, whose clusters a trial's settings number.
  std::filesystem::path partition_file, partition_keep;
};

// Takes the classes that the settings leave out of training into data.unseen; nothing where they
// leave out none. kUsage for an unknown class.
void leave_out_classes(const TrainSettings& settings, TrialData& data);

// leave_out_classes, and gives every part its neighbourhoods where the settings' candidate is
// conditioned on instances, its clusters where it is told these. kData for a file made of other
// data, with another detector or of another number of clusters; kUsage for an unknown class.
void prepare_trial_data(const TrainSettings& settings, const NeighborhoodSource& source,
                        TrialData& data);

// Adds to drawn samples what the measures of instances and of transfer look at: samples of 20
// stored instances with their 50 nearest training images, which of the first 2,000 samples lie
// nearest to their own instance, and samples conditioned on images of the classes left out. Nothing
// for a generator that is not conditioned on instances.
void add_instance_samples(Generator& generator, const ConditionTable& conditions,
                          const TrialData& data, const EvaluationPlan& plan, SampleInput& input);

// Adds to drawn samples the features of the first 2,000 and the clusters they were asked for.
// Nothing for a generator that is not told clusters.
void add_cluster_samples(Generator& generator, const ConditionTable& conditions,
                         const TrialData& data, const EvaluationPlan& plan, SampleInput& input);

// Samples conditioned on `images`, each as likely: what transfer is measured by. Undefined for a
// generator that is not conditioned on instances. `features` as below; kUsage for images of another
// shape than the generator's, or without labels that it needs.
torch::Tensor draw_transfer_samples(SavedGenerator& saved, const Dataset& images,
                                    const SampleSettings& settings, const std::string& features);

// The entries of a saved generator's table that a user asks for: "3" or "0,7,12" by number, or a
// folder of images, which are looked at by the detector of the training instances (`features` names
// it where it does not come with the program). kUsage for a number out of range or a generator that
// is not conditioned on instances, kData for a folder that cannot be read or another detector.
ConditionTable asked_instances(const SavedGenerator& saved, const std::string& asked,
                               const std::string& features);

// `columns` samples of each entry of the table; `grid` has the instance itself before them.
struct InstanceRows {
  SampleSet set;
  torch::Tensor grid;  // uint8 (entries * (columns + 1),C,H,W)
};
InstanceRows draw_instance_rows(Generator& generator, const SampleSettings& settings,
                                const ConditionTable& table, std::int64_t columns);

}  // namespace ganselect
