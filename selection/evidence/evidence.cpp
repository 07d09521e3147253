#include "selection/evidence/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/parallel.h"
#include "results/records/groups.h"
#include "selection/query/use_case.h"

namespace ganselect {
namespace {

std::string commit_of(const Record& record) {
  const auto commit = record.provenance.find("commit");
  return commit != record.provenance.end() && commit->is_string() ? commit->get<std::string>()
                                                                  : "unknown";
}

std::string detector_of(const Record& record) {
  const auto detector = record.measures.protocol.find("detector");
  return detector != record.measures.protocol.end() && detector->is_string()
             ? detector->get<std::string>()
             : "no detector";
}

std::optional<double> mean_fid(const std::vector<const Record*>& records) {
  double sum = 0.0;
  std::size_t n = 0;
  for (const auto* record : records) {
    const auto fid = record->measure("fid");
    if (!fid) continue;
    sum += *fid;
    ++n;
  }
  if (n < 2) return std::nullopt;
  return sum / static_cast<double>(n);
}

CandidateEvidence candidate_evidence(const std::string& name,
                                     const std::vector<const Record*>& records) {
  CandidateEvidence evidence;
  evidence.name = name;
  const TrialContext context{mean_fid(records)};
  for (const auto* record : records) {
    if (record->status == TrialStatus::kFailed) {
      evidence.failed.push_back(record);
      continue;
    }
    evidence.trials.push_back({record, {}});
  }
  parallel_for(evidence.trials.size(), [&](std::size_t t) {
    auto& trial = evidence.trials[t];
    for (std::size_t i = 0; i < kCriteria; ++i)
      trial.criteria[i] = score_trial(criteria().rows()[i], *trial.record, context);
  });
  std::stable_sort(evidence.trials.begin(), evidence.trials.end(),
                   [](const TrialEvidence& a, const TrialEvidence& b) {
                     return std::tie(a.record->seed, a.record->trial_id) <
                            std::tie(b.record->seed, b.record->trial_id);
                   });
  return evidence;
}

void describe_evidence(const ComparableGroup& group, Evidence& evidence) {
  const Record& record = *group.records.front();
  evidence.protocol = {{"dataset", record.dataset.name}, {"dataset_digest", record.dataset.digest},
                       {"steps", record.budget.steps},   {"batch", record.budget.batch},
                       {"width", record.budget.width},   {"detector", detector_of(record)}};
  if (const auto seen = images_seen_text(group.records); !seen.empty()) {
    evidence.protocol.erase("batch");
    evidence.protocol["images_seen"] = seen.substr(0, seen.find(" images"));
  }
  if (record.versions) {
    evidence.protocol["training_version"] = record.versions->training;
    evidence.protocol["evaluation_version"] = record.versions->evaluation;
  } else {
    evidence.protocol["commit"] = commit_of(record);
  }
  for (const char* key : {"detector_digest", "n_fake", "n_real", "split"}) {
    const auto value = record.measures.protocol.find(key);
    if (value != record.measures.protocol.end()) evidence.protocol[key] = *value;
  }
  evidence.description = group.description;
}

const std::string& dataset_of(const ComparableGroup& group) {
  return group.records.front()->dataset.name;
}

Evidence group_evidence(const std::vector<ComparableGroup>& groups, const ComparableGroup& chosen,
                        bool same_machine) {
  Evidence evidence;
  describe_evidence(chosen, evidence);
  evidence.warnings = left_out_notes(groups, chosen, same_machine);
  std::map<std::string, std::vector<const Record*>> by_name;
  for (const auto* record : chosen.records) by_name[record->candidate.name].push_back(record);
  for (const auto& [name, mine] : by_name) {
    evidence.candidates.push_back(
        candidate_evidence(name, most_frequent_configuration(mine, evidence.warnings)));
    const auto failures = evidence.candidates.back().failed.size();
    if (failures > 0)
      evidence.warnings.push_back(
          fmt::format("{}: {} failed trial(s) prove nothing and are left out", name, failures));
  }
  return evidence;
}

}  // namespace

const RecordCandidate& CandidateEvidence::candidate() const {
  return trials.empty() ? failed.front()->candidate : trials.front().record->candidate;
}

std::size_t CandidateEvidence::seeds() const {
  std::set<std::uint64_t> different;
  for (const auto& trial : trials) different.insert(trial.record->seed);
  return different.size();
}

std::optional<double> CandidateEvidence::diverged_share() const {
  if (trials.empty()) return std::nullopt;
  const auto lost = std::count_if(trials.begin(), trials.end(), [](const TrialEvidence& trial) {
    return trial.record->status != TrialStatus::kFinished ||
           trial.record->measure("collapsed").value_or(0.0) > 0.5;
  });
  return static_cast<double>(lost) / static_cast<double>(trials.size());
}

std::vector<std::string> CandidateEvidence::trial_ids() const {
  std::vector<std::string> ids;
  for (const auto& trial : trials) ids.push_back(trial.record->trial_id);
  for (const auto* record : failed) ids.push_back(record->trial_id);
  return ids;
}

bool needs_labels(const RecordCandidate& candidate) {
  const auto needs = candidate.json.find("needs_labels");
  return needs != candidate.json.end() && needs->is_boolean() && needs->get<bool>();
}

bool CandidateEvidence::uses_labels() const { return needs_labels(candidate()); }

Evidence gather_evidence(std::span<const Record> records, const EvidenceOptions& options) {
  auto groups = comparable_groups(records, options.same_machine);
  if (options.dataset) {
    std::erase_if(groups, [&](const ComparableGroup& group) {
      return dataset_of(group) != *options.dataset;
    });
  }
  if (groups.empty()) {
    fail(ErrorKind::kData,
         {.where = "records",
          .expected = options.dataset ? "trials on " + *options.dataset : "at least one trial",
          .got = "none",
          .hint = "train some: ganselect sweep smoke --out DIR, then --results DIR"});
  }
  const auto& chosen = choose_group(groups, options.group, options.same_machine);
  auto evidence = group_evidence(groups, chosen, options.same_machine);
  evidence.baselines = options.baselines;
  if (options.group || !options.serves || options.serves(evidence)) return evidence;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (&groups[i] == &chosen || dataset_of(groups[i]) != dataset_of(chosen)) continue;
    auto other = group_evidence(groups, groups[i], options.same_machine);
    other.baselines = options.baselines;
    if (!options.serves(other)) continue;
    other.warnings.insert(
        other.warnings.begin(),
        fmt::format("the largest group of trials ({}) has no candidate to rank for this wish: "
                    "answered from group {}",
                    evidence.description, i + 1));
    return other;
  }
  return evidence;
}

std::size_t criterion_index(std::string_view name) {
  const auto& row = criterion_names().at(name);
  return static_cast<std::size_t>(&row - criterion_names().rows().data());
}

}  // namespace ganselect
