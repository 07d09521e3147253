// Records as evidence: the largest set of trials that may be compared, by candidate and seed, with
// the criteria of each trial. Trials of different data sets, detectors, budgets or code versions
// are never pooled.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/records/baselines.h"
#include "results/records/cost_alone.h"
#include "results/records/record.h"
#include "selection/criteria/criteria.h"
#include "selection/evidence/budget.h"
#include "selection/evidence/fitting.h"
#include "selection/query/use_case.h"

namespace ganselect {

/// One trial with its criteria, in the order of criterion_names().
struct TrialEvidence {
  const Record* record = nullptr;
  std::vector<CriterionValue> criteria = std::vector<CriterionValue>(criterion_names().size());
};

/// All trials of one configuration of a candidate, ordered by seed. Trials that failed for reasons
/// outside the candidate (an error of the machine) are listed apart and prove nothing.
struct CandidateEvidence {
  std::string name;
  std::vector<TrialEvidence> trials;
  std::vector<const Record*> failed;
  std::optional<AloneSpeed> alone;  ///< its speed with nothing beside it, under these settings
  bool counts_alone = false;        ///< whether its costs are taken from `alone`
  /// Why it says nothing at the budget asked for; empty where it does, or none was asked for.
  std::string beyond_budget;

  const RecordCandidate& candidate() const;
  /// Of the trials that have the measure, in their order.
  std::vector<double> values(const std::string& measure) const;
  /// Number of different seeds.
  std::size_t seeds() const;
  /// Share of the trials that diverged or collapsed; absent without trials.
  std::optional<double> diverged_share() const;
  /// Ids of the trials, failed ones included.
  std::vector<std::string> trial_ids() const;
  /// True when the candidate is trained with class labels.
  bool uses_labels() const;
};

/// True when the candidate is trained with class labels.
bool needs_labels(const RecordCandidate& candidate);

/// A candidate that was trained under another's name, because the two are one training.
struct OtherName {
  RecordCandidate candidate;
  std::size_t trained = 0;  ///< index of the candidate whose trials these are
};

/// A comparable group of trials.
struct Evidence {
  std::vector<CandidateEvidence> candidates;  ///< ordered by name
  std::vector<OtherName> other_names;         ///< of the catalogue, without trials of their own
  /// Where the speeds come from that cost counts: the file that holds every candidate's, measured
  /// with nothing beside it; else why the trials' own stand in.
  std::string cost_source;
  std::string description;            ///< "cifar10, 200 steps, width 0.25, judge-cifar10"
  Json protocol = Json::object();     ///< data, budget, detector and code of the group
  std::vector<std::string> warnings;  ///< what was left out and why
  std::vector<Baseline> baselines;    ///< of noise and real images; may be empty
  std::vector<Misfit> misfits;        ///< what was asked for and no trial here is of
  std::optional<BudgetUse> budget;    ///< where one was asked for
  std::vector<std::shared_ptr<const Record>> made;  ///< trials as of a checkpoint

  /// The trials of that name, or those of the same training under another; else nullptr.
  const CandidateEvidence* find(const std::string& name) const;
};

struct EvidenceOptions {
  std::optional<std::string> dataset;  ///< look at this data set alone
  bool same_machine = false;           ///< times and memory count, so devices may not differ
  std::optional<std::size_t> group;    ///< number of the group to take; absent: the largest
  /// How many candidates of a group can be ranked for the wish, where no group is asked for;
  /// nothing: all can.
  std::function<std::size_t(const Evidence&)> rankable;
  /// Candidate objects, to know which names are one training.
  std::span<const Json> catalogue = {};
  std::vector<Baseline> baselines = {};  ///< handed on to the result
  AskedFacts facts = {};                 ///< choose the group, and the checkpoint of its trials
};

/// The evidence of one comparable group (results/records/groups.h): the one asked for, else of
/// those on the same data set as the largest the one that fits the facts clearly better (fitting.h)
/// and has two candidates to rank, else the one with most candidates, then most trials. Where that
/// one has none to rank, the largest of the same data set that does, with a warning; where none
/// does, the largest all the same. Records must outlive the result. Throws kData when there is no
/// record (of that data set), else as choose_group.
Evidence gather_evidence(std::span<const Record> records, const EvidenceOptions& options);

/// The evidence of every comparable group of one data set: first the one that gather_evidence
/// takes, then the others, largest first; that one alone where a group is asked for. Throws as it
/// does.
std::vector<Evidence> gather_groups(std::span<const Record> records,
                                    const EvidenceOptions& options);

/// Position in criterion_names(); kUsage for an unknown name.
std::size_t criterion_index(std::string_view name);

}  // namespace ganselect
