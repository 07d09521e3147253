#pragma once
// Where conditions come from: beside every real batch, for generated ones, and after training, when
// no data set is at hand. A new way of conditioning is a row of models/backbones/conditioning.cpp
// and, where it needs more of the data than labels, a source of its own here. Shape legend: n
// batch, M entries of a table, K classes, F instance features.
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "models/backbones/conditioning.h"
#include "models/candidates.h"

namespace ganselect {

struct StoredInstances;  // instance_source.h
struct StoredPictures;   // visible_source.h

// Samples in the training range and what the networks are told of them.
struct ConditionedBatch {
  torch::Tensor samples;
  Condition condition;  // undefined for unconditional candidates
};

// Handles on the device, by purpose.
struct SourceStreams {
  torch::Generator data;       // real batches
  torch::Generator condition;  // conditions of generated batches; unused by unconditional sources
};

// Never waits for the device, so that a training step can be captured.
class ConditionSource {
 public:
  virtual ~ConditionSource() = default;
  // n >= 1 real samples with their conditions. A critic step judges generated samples of these same
  // conditions, unless the candidate has fresh ones.
  virtual ConditionedBatch next(std::int64_t n) = 0;
  // n conditions alone, distributed as those of real samples: what a generator step asks for.
  virtual Condition conditions(std::int64_t n) = 0;
};

// The source that the candidate's conditioning needs. kData if the data lack what it needs, or are
// empty.
std::unique_ptr<ConditionSource> make_condition_source(const CandidateSpec& candidate,
                                                       const Dataset& data, torch::Device device,
                                                       SourceStreams streams);

// What the data offer that the candidate is told; kData naming the data set if they lack it.
Conditioning data_conditioning(const CandidateSpec& candidate, const Dataset& data);

// All conditions that samples can be asked for once training is over. On the CPU.
struct ConditionTable {
  Condition rows;                        // M entries
  torch::Tensor weights;                 // float64 (M), >= 0: how often each is drawn
  std::vector<std::string> class_names;  // K names; empty without labels
  std::string law;                       // how samples get theirs, in words, for protocols
  // What the instances are, entry by entry; null without instances and in tables of one class.
  std::shared_ptr<const StoredInstances> instances;
  // The images behind the masks; null where no part of an image is shown.
  std::shared_ptr<const StoredPictures> pictures;

  bool empty() const { return !rows.defined(); }
  std::int64_t size() const { return weights.defined() ? weights.size(0) : 0; }
  // The entries of one class. kUsage, naming the classes, for a label outside [0, K).
  ConditionTable only_class(std::int64_t label) const;
};

// Labels and clusters: every class once, weighted by its frequency in the data. Empty for
// unconditional candidates.
ConditionTable make_condition_table(const CandidateSpec& candidate, const Dataset& data);

// The class that `text` names: one of the table's class names, or its number. kUsage otherwise.
std::int64_t class_of(const ConditionTable& table, const std::string& text);

// int64 (count): entries of the table for samples [first, first + count), drawn by weight; entry i
// is a function of seed and first + i alone.
torch::Tensor draw_table_rows(const ConditionTable& table, std::uint64_t seed, std::int64_t first,
                              std::int64_t count);

}  // namespace ganselect
