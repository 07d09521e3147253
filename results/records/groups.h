// Which trials may be pooled: records of one data set, budget, detector, protocol and versions
// form a group, and an answer, a table or a page is made from one group alone.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/records/compare.h"
#include "results/records/record.h"

namespace ganselect {

/// True for a point of the space, named by its parameters, and not for a named candidate.
bool is_point(const RecordCandidate& candidate);

/// What names of one training have in common: the candidate that they name, or their own name.
const std::string& training_name(const RecordCandidate& candidate);

/// True for a word of a candidate's regularization that switches batch norm on or off.
bool is_batch_norm_word(const std::string& word);

/// The candidate's regularizers without the batch norm switches, in alphabetical order.
std::vector<std::string> plain_regularizers(const RecordCandidate& candidate);

/// The first thing that forbids pooling two trials: a difference of compare.h in the trials, in the
/// protocol of FID, precision, coverage, modes or the curve's FID, or in the versions of training
/// and evaluation (in records without versions, the commit); with `same_machine` also in what times
/// depend on. A measure that one of them lacks forbids nothing.
std::optional<ProtocolDifference> pooling_difference(const Record& first, const Record& second,
                                                     bool same_machine);

/// A point that is left out of a group, because another name stands for the same training.
struct PointCopy {
  const Record* record = nullptr;  ///< the first of its trials
  std::string standing;            ///< the candidate, else the point, that stands for it
};

/// Trials that may be pooled.
struct ComparableGroup {
  std::vector<const Record*> records;  ///< best measured first, then by trial id; never empty
  std::vector<PointCopy> copies;       ///< ordered by the points' names
  std::size_t candidates = 0;          ///< different ones
  std::string description;             ///< "cifar10, 200 steps of batch 64, width 0.25, judge-..."
  std::vector<std::string> notes;      ///< what is not counted twice
};

/// The groups of `records`, which must outlive them: records with versions before those of earlier
/// programs, then most candidates first, then most trials, then by the first trial id. A point that
/// is a named candidate's own (dcgan/non-saturating is dcgan) is the same training under another
/// name: by its settings, or because at a seed that both have its samples measured the same to the
/// last digit. The named candidate stands alone, the point's further seeds are left out as well. Of
/// candidates that are one training (RecordCandidate::same_training) one name stands for all.
std::vector<ComparableGroup> comparable_groups(std::span<const Record> records, bool same_machine);

/// The group to answer from: number `wanted` (1 is the largest), else the largest. Throws kProtocol
/// when two are equally large and none is wanted, naming the field that differs; kUsage for a
/// number that is not there; kData without any group.
const ComparableGroup& choose_group(const std::vector<ComparableGroup>& groups,
                                    std::optional<std::size_t> wanted, bool same_machine);

/// A line for each group that is not `chosen`: how much is left out and why, and its number; then
/// the chosen one's own notes.
std::vector<std::string> left_out_notes(const std::vector<ComparableGroup>& groups,
                                        const ComparableGroup& chosen, bool same_machine);

/// One candidate under several settings is several things: of `records`, all of one candidate,
/// those of the settings that most trials have (on a tie the first key). `notes` gets a line if any
/// are left out.
std::vector<const Record*> most_frequent_configuration(const std::vector<const Record*>& records,
                                                       std::vector<std::string>& notes);

/// What a table or a page may be made from: the chosen group with one configuration a candidate.
struct PooledRecords {
  std::vector<Record> records;     ///< ordered by trial id
  std::vector<std::string> notes;  ///< what was left out and why
};

/// "12800 images seen", or "12800 to 64000 images seen" over the candidates; empty for records
/// without that, whose batch stands in the budget.
std::string images_seen_text(std::span<const Record* const> records);

/// choose_group and most_frequent_configuration, as copies.
PooledRecords pool_records(std::span<const Record> records, std::optional<std::size_t> wanted);

}  // namespace ganselect
