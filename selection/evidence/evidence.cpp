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

CandidateEvidence trials_of_candidate(const std::string& name,
                                      const std::vector<const Record*>& records) {
  CandidateEvidence evidence;
  evidence.name = name;
  for (const auto* record : records) {
    if (record->status == TrialStatus::kFailed) {
      evidence.failed.push_back(record);
      continue;
    }
    evidence.trials.push_back({.record = record});
  }
  std::stable_sort(evidence.trials.begin(), evidence.trials.end(),
                   [](const TrialEvidence& a, const TrialEvidence& b) {
                     return std::tie(a.record->seed, a.record->trial_id) <
                            std::tie(b.record->seed, b.record->trial_id);
                   });
  return evidence;
}

void score_trials(CandidateEvidence& evidence) {
  std::vector<const Record*> records;
  for (const auto& trial : evidence.trials) records.push_back(trial.record);
  records.insert(records.end(), evidence.failed.begin(), evidence.failed.end());
  TrialContext context{mean_fid(records), {}};
  if (evidence.counts_alone) context.alone_updates_per_second = evidence.alone->updates_per_second;
  parallel_for(evidence.trials.size(), [&](std::size_t t) {
    auto& trial = evidence.trials[t];
    for (std::size_t i = 0; i < trial.criteria.size(); ++i)
      trial.criteria[i] = score_trial(criteria().rows()[i], *trial.record, context);
  });
}

// Speeds of some alone and of others beside one another may not be compared: all or none.
void take_alone_speeds(Evidence& evidence) {
  std::vector<std::string> lacking;
  std::map<std::filesystem::path, CostAlone> files;
  for (auto& candidate : evidence.candidates) {
    if (candidate.trials.empty()) continue;
    const Record& record = *candidate.trials.front().record;
    const auto path = find_cost_alone(record);
    if (path) {
      if (!files.contains(*path)) files.emplace(*path, read_cost_alone(*path));
      candidate.alone = files.at(*path).speed_of(record);
    }
    if (!candidate.alone) lacking.push_back(candidate.name);
  }
  if (files.empty()) {
    evidence.cost_source =
        "speeds are those of the trials, which may have run beside others; no cost_alone.json";
    return;
  }
  if (lacking.empty()) {
    evidence.cost_source = "speeds measured alone: " + files.begin()->first.filename().string();
    for (auto& candidate : evidence.candidates)
      candidate.counts_alone = candidate.alone.has_value();
    return;
  }
  evidence.cost_source = fmt::format(
      "speeds are those of the trials, which may have run beside others; {} of {} candidates were "
      "not measured alone under these settings, {} among them",
      lacking.size(), evidence.candidates.size(), lacking.front());
}

// Points whose trials are left out for a named candidate's keep the parameters that they were named
// by.
void add_point_names(const ComparableGroup& group, Evidence& evidence) {
  for (const auto& copy : group.copies) {
    for (std::size_t i = 0; i < evidence.candidates.size(); ++i) {
      if (evidence.candidates[i].name == copy.standing && !evidence.candidates[i].trials.empty())
        evidence.other_names.push_back({copy.record->candidate, i});
    }
  }
}

// Names of the catalogue that have no trials here and are the training of one that has.
void add_other_names(std::span<const Json> catalogue, Evidence& evidence) {
  for (const auto& json : catalogue) {
    auto candidate = parse_candidate(json, "catalogue");
    const auto own = [&](const auto& one) { return one.name == candidate.name; };
    if (std::any_of(evidence.candidates.begin(), evidence.candidates.end(), own)) continue;
    for (std::size_t i = 0; i < evidence.candidates.size(); ++i) {
      const auto& trained = evidence.candidates[i];
      if (trained.trials.empty() || training_name(trained.candidate()) != training_name(candidate))
        continue;
      evidence.other_names.push_back({std::move(candidate), i});
      break;
    }
  }
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
  if (!record.measures.apart.empty()) {
    evidence.protocol["apart"] = {
        {"measures", record.measures.apart},
        {"detector", record.measures.protocol_apart.value("detector", Json())}};
  }
  evidence.description = group.description;
}

const std::string& dataset_of(const ComparableGroup& group) {
  return group.records.front()->dataset.name;
}

Evidence group_evidence(const std::vector<ComparableGroup>& groups, const ComparableGroup& chosen,
                        const EvidenceOptions& options) {
  const bool same_machine = options.same_machine;
  Evidence evidence;
  describe_evidence(chosen, evidence);
  evidence.warnings = left_out_notes(groups, chosen, same_machine);
  std::map<std::string, std::vector<const Record*>> by_name;
  for (const auto* record : chosen.records) by_name[record->candidate.name].push_back(record);
  for (const auto& [name, mine] : by_name) {
    evidence.candidates.push_back(
        trials_of_candidate(name, most_frequent_configuration(mine, evidence.warnings)));
    const auto failures = evidence.candidates.back().failed.size();
    if (failures > 0)
      evidence.warnings.push_back(
          fmt::format("{}: {} failed trial(s) prove nothing and are left out", name, failures));
  }
  take_alone_speeds(evidence);
  evidence.baselines = options.baselines;
  evidence.misfits = fit_of(chosen, options.facts).misfits;
  cut_to_budget(reachable_budget(chosen, options.facts.budget), evidence);
  for (auto& candidate : evidence.candidates) score_trials(candidate);
  add_point_names(chosen, evidence);
  add_other_names(options.catalogue, evidence);
  return evidence;
}

// The groups of the data set that is asked for, or of all.
std::vector<ComparableGroup> groups_of(std::span<const Record> records,
                                       const EvidenceOptions& options) {
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
  return groups;
}

// The group that is clearly nearer to the facts than the largest: of fewer misfits, or by more than
// a factor of two. Nothing where none is.
const ComparableGroup* nearer_group(const std::vector<ComparableGroup>& groups,
                                    const EvidenceOptions& options) {
  constexpr double kClearly = 0.69;  // ln 2
  const auto largest = fit_of(groups.front(), options.facts);
  const ComparableGroup* nearest = nullptr;
  GroupFit best = largest;
  for (const auto& group : groups) {
    if (dataset_of(group) != dataset_of(groups.front()) || group.candidates < 2) continue;
    auto fit = fit_of(group, options.facts);
    const bool clearly =
        fit.deciding < largest.deciding || (fit.deciding == largest.deciding && fit.deciding > 0 &&
                                            fit.distance < largest.distance - kClearly);
    if (!clearly || (nearest != nullptr && std::pair(fit.deciding, fit.distance) >=
                                               std::pair(best.deciding, best.distance)))
      continue;
    best = std::move(fit);
    nearest = &group;
  }
  return nearest;
}

}  // namespace

const RecordCandidate& CandidateEvidence::candidate() const {
  return trials.empty() ? failed.front()->candidate : trials.front().record->candidate;
}

std::vector<double> CandidateEvidence::values(const std::string& measure) const {
  std::vector<double> values;
  for (const auto& trial : trials) {
    if (const auto value = trial.record->measure(measure)) values.push_back(*value);
  }
  return values;
}

std::size_t CandidateEvidence::seeds() const {
  std::set<std::uint64_t> different;
  for (const auto& trial : trials) different.insert(trial.record->seed);
  return different.size();
}

std::optional<double> CandidateEvidence::diverged_share() const {
  if (trials.empty()) return std::nullopt;
  const auto lost = std::count_if(trials.begin(), trials.end(), [](const TrialEvidence& trial) {
    return outcome_of(*trial.record) != TrialStatus::kFinished;
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

const CandidateEvidence* Evidence::find(const std::string& name) const {
  for (const auto& candidate : candidates) {
    if (candidate.name == name) return &candidate;
  }
  for (const auto& other : other_names) {
    if (other.candidate.name == name) return &candidates[other.trained];
  }
  // Under a name that says itself whose training it is.
  for (const auto& candidate : candidates) {
    if (!candidate.trials.empty() && training_name(candidate.candidate()) == name)
      return &candidate;
  }
  return nullptr;
}

Evidence gather_evidence(std::span<const Record> records, const EvidenceOptions& options) {
  const auto groups = groups_of(records, options);
  const auto rankable = [&](const Evidence& evidence) {
    return options.rankable ? options.rankable(evidence) : evidence.candidates.size();
  };
  const auto* nearer = options.group ? nullptr : nearer_group(groups, options);
  if (nearer != nullptr) {
    // One candidate compares with nothing, however well it fits.
    auto fitting = group_evidence(groups, *nearer, options);
    if (rankable(fitting) >= 2) return fitting;
  }
  const auto& chosen = choose_group(groups, options.group, options.same_machine);
  auto evidence = group_evidence(groups, chosen, options);
  if (options.group || rankable(evidence) > 0) return evidence;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (&groups[i] == &chosen || dataset_of(groups[i]) != dataset_of(chosen)) continue;
    auto other = group_evidence(groups, groups[i], options);
    if (rankable(other) == 0) continue;
    other.warnings.insert(
        other.warnings.begin(),
        fmt::format("the largest group of trials ({}) has no candidate to rank for this wish: "
                    "answered from group {}",
                    evidence.description, i + 1));
    return other;
  }
  return evidence;
}

std::vector<Evidence> gather_groups(std::span<const Record> records,
                                    const EvidenceOptions& options) {
  const auto groups = groups_of(records, options);
  const auto& chosen = choose_group(groups, options.group, options.same_machine);
  std::vector<Evidence> all;
  all.push_back(group_evidence(groups, chosen, options));
  if (options.group) return all;
  for (const auto& group : groups) {
    if (&group != &chosen && dataset_of(group) == dataset_of(chosen))
      all.push_back(group_evidence(groups, group, options));
  }
  return all;
}

std::size_t criterion_index(std::string_view name) {
  const auto& row = criterion_names().at(name);
  return static_cast<std::size_t>(&row - criterion_names().rows().data());
}

}  // namespace ganselect
