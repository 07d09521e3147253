#include "selection/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "results/compare.h"
#include "selection/use_case.h"

namespace ganselect {
namespace {

using Group = std::vector<const Record*>;

// Measures whose protocol every trial of a group must share.
const std::vector<std::string>& governing_measures() {
  static const std::vector<std::string> names = {"fid", "precision", "coverage", "modes",
                                                 "fid_best"};
  return names;
}

std::string commit_of(const Record& record) {
  const auto commit = record.provenance.find("commit");
  return commit != record.provenance.end() && commit->is_string() ? commit->get<std::string>()
                                                                  : "unknown";
}

std::optional<ProtocolDifference> evidence_difference(const Record& a, const Record& b,
                                                      bool same_machine) {
  if (auto found = trial_difference(a, b)) return found;
  for (const auto& measure : governing_measures()) {
    if (auto found = protocol_difference(a, b, measure)) return found;
  }
  if (commit_of(a) != commit_of(b))
    return ProtocolDifference{"provenance.commit", commit_of(a), commit_of(b)};
  if (same_machine) return protocol_difference(a, b, "train_seconds");
  return std::nullopt;
}

// A trial without a measure has no protocol for it and would join any group, so the ones that have
// the most are looked at first.
std::vector<const Record*> most_measured_first(std::span<const Record> records,
                                               const EvidenceOptions& options) {
  std::vector<const Record*> order;
  for (const auto& record : records) {
    if (!options.dataset || record.dataset.name == *options.dataset) order.push_back(&record);
  }
  const auto measured = [](const Record& record) {
    return std::count_if(governing_measures().begin(), governing_measures().end(),
                         [&](const auto& name) { return record.measure(name).has_value(); });
  };
  std::map<const Record*, std::ptrdiff_t> counts;
  for (const auto* record : order) counts[record] = measured(*record);
  std::stable_sort(order.begin(), order.end(), [&](const Record* a, const Record* b) {
    return std::pair(-counts[a], a->trial_id) < std::pair(-counts[b], b->trial_id);
  });
  return order;
}

std::vector<Group> comparable_groups(std::span<const Record> records,
                                     const EvidenceOptions& options) {
  std::vector<Group> groups;
  for (const auto* record : most_measured_first(records, options)) {
    const auto home = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return !evidence_difference(*group.front(), *record, options.same_machine);
    });
    if (home == groups.end()) {
      groups.push_back({record});
    } else {
      home->push_back(record);
    }
  }
  return groups;
}

std::pair<std::size_t, std::size_t> group_size(const Group& group) {
  std::set<std::string> names;
  for (const auto* record : group) names.insert(record->candidate.name);
  return {names.size(), group.size()};
}

const Group& largest_group(const std::vector<Group>& groups, bool same_machine) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (group_size(groups[i]) > group_size(groups[best])) best = i;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == best || group_size(groups[i]) != group_size(groups[best])) continue;
    const auto found = evidence_difference(*groups[best].front(), *groups[i].front(), same_machine);
    fail(ErrorKind::kProtocol,
         {.where = "records",
          .expected = "one protocol that more trials share than any other",
          .got = fmt::format("{} trials each with {} '{}' and '{}'", groups[best].size(),
                             found->field, found->first, found->second),
          .hint = "give a folder of records of one protocol, or name the data set in the query"});
  }
  return groups[best];
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

// One candidate under several settings is several things; the one with most trials is taken.
std::vector<const Record*> one_configuration(const std::vector<const Record*>& records,
                                             const std::string& name,
                                             std::vector<std::string>& warnings) {
  std::map<std::string, std::vector<const Record*>> by_key;
  for (const auto* record : records) by_key[configuration_key(*record)].push_back(record);
  if (by_key.size() == 1) return records;
  const auto largest = std::max_element(
      by_key.begin(), by_key.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  warnings.push_back(
      fmt::format("{}: {} of {} trials used, the others were trained with different settings", name,
                  largest->second.size(), records.size()));
  return largest->second;
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
    TrialEvidence trial{record, {}};
    for (std::size_t i = 0; i < kCriteria; ++i)
      trial.criteria[i] = score_trial(criteria().rows()[i], *record, context);
    evidence.trials.push_back(std::move(trial));
  }
  std::stable_sort(evidence.trials.begin(), evidence.trials.end(),
                   [](const TrialEvidence& a, const TrialEvidence& b) {
                     return std::tie(a.record->seed, a.record->trial_id) <
                            std::tie(b.record->seed, b.record->trial_id);
                   });
  return evidence;
}

void describe_group(const Record& record, Evidence& evidence) {
  evidence.protocol = {{"dataset", record.dataset.name}, {"dataset_digest", record.dataset.digest},
                       {"steps", record.budget.steps},   {"batch", record.budget.batch},
                       {"width", record.budget.width},   {"detector", detector_of(record)},
                       {"commit", commit_of(record)}};
  for (const char* key : {"detector_digest", "n_fake", "n_real", "split"}) {
    const auto value = record.measures.protocol.find(key);
    if (value != record.measures.protocol.end()) evidence.protocol[key] = *value;
  }
  evidence.description = fmt::format("{}, {} steps of batch {}, width {}, {}", record.dataset.name,
                                     record.budget.steps, record.budget.batch,
                                     shortest(record.budget.width), detector_of(record));
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

bool CandidateEvidence::uses_labels() const {
  const auto needs = candidate().json.find("needs_labels");
  return needs != candidate().json.end() && needs->is_boolean() && needs->get<bool>();
}

Evidence gather_evidence(std::span<const Record> records, const EvidenceOptions& options) {
  const auto groups = comparable_groups(records, options);
  if (groups.empty()) {
    fail(ErrorKind::kData,
         {.where = "records",
          .expected = options.dataset ? "trials on " + *options.dataset : "at least one trial",
          .got = "none",
          .hint = "train some: ganselect sweep smoke --out DIR, then --results DIR"});
  }
  const Group& chosen = largest_group(groups, options.same_machine);
  Evidence evidence;
  describe_group(*chosen.front(), evidence);
  for (const auto& group : groups) {
    if (&group == &chosen) continue;
    const auto found = evidence_difference(*chosen.front(), *group.front(), options.same_machine);
    evidence.warnings.push_back(fmt::format("{} of {} trials left out: {} is '{}', not '{}'",
                                            group.size(), records.size(), found->field,
                                            found->second, found->first));
  }
  std::map<std::string, std::vector<const Record*>> by_name;
  for (const auto* record : chosen) by_name[record->candidate.name].push_back(record);
  for (const auto& [name, mine] : by_name) {
    evidence.candidates.push_back(
        candidate_evidence(name, one_configuration(mine, name, evidence.warnings)));
    const auto failures = evidence.candidates.back().failed.size();
    if (failures > 0)
      evidence.warnings.push_back(
          fmt::format("{}: {} failed trial(s) prove nothing and are left out", name, failures));
  }
  return evidence;
}

std::size_t criterion_index(std::string_view name) {
  const auto& row = criterion_names().at(name);
  return static_cast<std::size_t>(&row - criterion_names().rows().data());
}

}  // namespace ganselect
