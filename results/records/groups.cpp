#include "results/records/groups.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"

namespace ganselect {
namespace {

// Measures whose protocol every trial of a group must share.
const std::vector<std::string>& governing_measures() {
  static const std::vector<std::string> names = {"fid", "precision", "coverage", "modes",
                                                 "fid_best"};
  return names;
}

std::string text_of(const Json& object, const char* key, const char* otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

std::string commit_of(const Record& record) {
  return text_of(record.provenance, "commit", "unknown");
}

// Trials without versions are pooled by the commit, as they were made, and never with newer ones.
std::optional<ProtocolDifference> version_difference(const Record& first, const Record& second) {
  if (!first.versions && !second.versions) {
    if (commit_of(first) == commit_of(second)) return std::nullopt;
    return ProtocolDifference{"provenance.commit", commit_of(first), commit_of(second)};
  }
  const auto differ = [&](const char* name, std::int64_t RecordVersions::*version) {
    const auto text = [&](const Record& record) {
      return record.versions ? std::to_string(*record.versions.*version) : "absent";
    };
    return text(first) == text(second)
               ? std::nullopt
               : std::optional(ProtocolDifference{name, text(first), text(second)});
  };
  if (auto found = differ("training_version", &RecordVersions::training)) return found;
  return differ("evaluation_version", &RecordVersions::evaluation);
}

// A trial without a measure has no protocol for it and would join any group, so the ones that have
// the most are looked at first.
std::vector<const Record*> most_measured_first(std::span<const Record> records) {
  std::vector<std::pair<std::ptrdiff_t, const Record*>> order;
  for (const auto& record : records) {
    const auto lacking =
        std::count_if(governing_measures().begin(), governing_measures().end(),
                      [&](const auto& name) { return !record.measure(name).has_value(); });
    order.emplace_back(lacking, &record);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second->trial_id) < std::tie(b.first, b.second->trial_id);
  });
  std::vector<const Record*> sorted;
  for (const auto& [lacking, record] : order) sorted.push_back(record);
  return sorted;
}

void describe_group(ComparableGroup& group) {
  std::set<std::string> names;
  for (const auto* record : group.records) names.insert(record->candidate.name);
  group.candidates = names.size();
  const Record& first = *group.records.front();
  const std::string seen = images_seen_text(group.records);
  group.description =
      first.dataset.name + ", " + std::to_string(first.budget.steps) + " steps" +
      (seen.empty() ? " of batch " + std::to_string(first.budget.batch) : " (" + seen + ")") +
      ", width " + shortest(first.budget.width) + ", " +
      text_of(first.measures.protocol, "detector", "no detector");
}

// Everything that decides how a trial runs, whatever its candidate is called.
std::string training_key(const Record& record) {
  Json candidate = record.candidate.json;
  for (const char* key :
       {"name", "tables", "extension", "source", "code", "notes", "same_training"})
    candidate.erase(key);
  // The switches of batch norm stand beside it, as they were built.
  candidate["regularization"] = plain_regularizers(record.candidate);
  Json settings = record.settings;
  settings.erase("point");
  return candidate.dump() + settings.dump() + std::to_string(record.seed);
}

// Of names that are one training the one that stands for all: the one they name, else the first.
std::map<std::string, std::string> one_name_a_training(const std::vector<const Record*>& records) {
  std::map<std::string, std::set<std::string>> names;  // by training
  for (const auto* record : records)
    names[training_name(record->candidate)].insert(record->candidate.name);
  std::map<std::string, std::string> standing;  // name -> the one in its place
  for (const auto& [training, alike] : names) {
    const auto& kept = alike.contains(training) ? training : *alike.begin();
    for (const auto& name : alike) {
      if (name != kept) standing[name] = kept;
    }
  }
  return standing;
}

void leave_out_other_names(ComparableGroup& group) {
  const auto standing = one_name_a_training(group.records);
  if (standing.empty()) return;
  const auto count = std::erase_if(group.records, [&](const Record* record) {
    return standing.contains(record->candidate.name);
  });
  std::vector<std::string> names;
  for (const auto& [name, kept] : standing) names.push_back(name + " is trained as " + kept);
  group.notes.push_back(std::to_string(count) + (count == 1 ? " trial is" : " trials are") +
                        " not counted twice: " + join(names));
}

// What the samples came out as: two trainings never agree in all of it to the last digit. Empty
// where too little was measured to tell.
std::string outcome_key(const Record& record) {
  constexpr std::size_t kFewest = 5;
  std::string key = record.candidate.architecture + " " + record.candidate.loss + " " +
                    std::to_string(record.seed);
  std::size_t count = 0;
  for (const auto& [name, value] : record.measures.values) {
    const auto* spec = find_metric_spec(name);
    if (!value || spec == nullptr || spec->group != MetricGroup::kSample) continue;
    key += " " + name + " " + shortest(*value);
    ++count;
  }
  return count < kFewest || !record.measure("fid") ? std::string() : key;
}

// Who stands for a training, by what its trials are made of and came out as: a named candidate
// where there is one, else the first point.
std::map<std::string, std::string> known_trainings(std::vector<const Record*> records) {
  std::stable_sort(records.begin(), records.end(), [](const Record* a, const Record* b) {
    const bool a_is_point = is_point(a->candidate), b_is_point = is_point(b->candidate);
    return std::tie(a_is_point, a->candidate.name) < std::tie(b_is_point, b->candidate.name);
  });
  std::map<std::string, std::string> known;
  for (const auto* record : records) {
    known.emplace(training_key(*record), record->candidate.name);
    if (const auto key = outcome_key(*record); !key.empty())
      known.emplace(key, record->candidate.name);
  }
  return known;
}

// The points that are another's training, by the first trial that shows it.
std::vector<PointCopy> point_copies(const std::vector<const Record*>& records) {
  const auto known = known_trainings(records);
  std::map<std::string, PointCopy> copies;
  for (const auto* record : records) {
    const auto& name = record->candidate.name;
    if (!is_point(record->candidate) || copies.contains(name)) continue;
    for (const auto& key : {training_key(*record), outcome_key(*record)}) {
      const auto same = known.find(key);
      if (same != known.end() && same->second != name) copies[name] = {record, same->second};
    }
  }
  std::vector<PointCopy> list;
  for (const auto& [point, copy] : copies) list.push_back(copy);
  return list;
}

void leave_out_copies(ComparableGroup& group) {
  auto& records = group.records;
  if (std::none_of(records.begin(), records.end(),
                   [](const auto* r) { return is_point(r->candidate); }))
    return;
  group.copies = point_copies(records);
  if (group.copies.empty()) return;
  const auto count = std::erase_if(records, [&](const Record* record) {
    return std::any_of(group.copies.begin(), group.copies.end(), [&](const PointCopy& copy) {
      return copy.record->candidate.name == record->candidate.name &&
             same_configuration(*copy.record, *record);
    });
  });
  std::vector<std::string> names;
  for (const auto& copy : group.copies)
    names.push_back(copy.record->candidate.name + " is " + copy.standing);
  group.notes.push_back(std::to_string(count) + (count == 1 ? " trial is" : " trials are") +
                        " not counted twice: " + join(names));
}

// Records without versions are of candidates that departed from their authors' code
// (docs/findings.md), however many there are.
bool goes_before(const ComparableGroup& a, const ComparableGroup& b) {
  const auto place = [](const ComparableGroup& group) {
    return std::tuple(group.records.front()->versions.has_value(), group.candidates,
                      group.records.size());
  };
  return place(a) > place(b);
}

}  // namespace

bool is_point(const RecordCandidate& candidate) {
  return candidate.name.find('/') != std::string::npos;
}

const std::string& training_name(const RecordCandidate& candidate) {
  return candidate.same_training.empty() ? candidate.name : candidate.same_training;
}

bool is_batch_norm_word(const std::string& word) {
  return word.find("batch-norm") != std::string::npos;
}

std::vector<std::string> plain_regularizers(const RecordCandidate& candidate) {
  std::vector<std::string> words;
  for (const auto& word : candidate.regularization) {
    if (!is_batch_norm_word(word) && word != "none") words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  return words;
}

std::string images_seen_text(std::span<const Record* const> records) {
  std::set<std::int64_t> counts;
  for (const auto* record : records) {
    if (!record->budget.images_seen) return "";
    counts.insert(*record->budget.images_seen);
  }
  if (counts.empty()) return "";
  std::string text = std::to_string(*counts.begin());
  if (counts.size() > 1) text += " to " + std::to_string(*counts.rbegin());
  return text + " images seen";
}

std::optional<ProtocolDifference> pooling_difference(const Record& first, const Record& second,
                                                     bool same_machine) {
  if (auto found = trial_difference(first, second)) return found;
  if (auto found = measures_difference(first, second, governing_measures())) return found;
  if (auto found = version_difference(first, second)) return found;
  if (same_machine) return measures_difference(first, second, {"train_seconds"});
  return std::nullopt;
}

std::vector<ComparableGroup> comparable_groups(std::span<const Record> records, bool same_machine) {
  const auto order = most_measured_first(records);
  // Most records belong to the first group; whether they do is found out in parallel.
  std::vector<char> in_first(order.size());
  parallel_for(order.size(), [&](std::size_t i) {
    in_first[i] = !pooling_difference(*order.front(), *order[i], same_machine);
  });
  std::vector<ComparableGroup> groups;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto home =
        in_first[i] && !groups.empty()
            ? groups.begin()
            : std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
                return !pooling_difference(*group.records.front(), *order[i], same_machine);
              });
    if (home == groups.end()) {
      groups.push_back({.records = {order[i]}});
    } else {
      home->records.push_back(order[i]);
    }
  }
  for (auto& group : groups) {
    leave_out_copies(group);
    leave_out_other_names(group);
    describe_group(group);
  }
  std::stable_sort(groups.begin(), groups.end(), goes_before);
  return groups;
}

const ComparableGroup& choose_group(const std::vector<ComparableGroup>& groups,
                                    std::optional<std::size_t> wanted, bool same_machine) {
  if (groups.empty())
    fail(ErrorKind::kData, {.where = "records", .expected = "at least one trial", .got = "none"});
  if (wanted) {
    if (*wanted < 1 || *wanted > groups.size()) {
      fail(ErrorKind::kUsage, {.where = "--group",
                               .expected = "a number from 1 to " + std::to_string(groups.size()) +
                                           ", the largest group first",
                               .got = std::to_string(*wanted)});
    }
    return groups[*wanted - 1];
  }
  if (groups.size() > 1 && !goes_before(groups[0], groups[1])) {
    const auto found =
        pooling_difference(*groups[0].records.front(), *groups[1].records.front(), same_machine);
    fail(ErrorKind::kProtocol,
         {.where = "records",
          .expected = "one protocol that more trials share than any other",
          .got = std::to_string(groups[0].records.size()) + " trials each with " + found->field +
                 " '" + found->first + "' and '" + found->second + "'",
          .hint = "take one with --group 1 or --group 2, choose by --from-plan, --dataset, "
                  "--detector, --steps or --width, or name a narrower folder with --results"});
  }
  return groups.front();
}

std::vector<std::string> left_out_notes(const std::vector<ComparableGroup>& groups,
                                        const ComparableGroup& chosen, bool same_machine) {
  std::size_t all = 0;
  for (const auto& group : groups) all += group.records.size();
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& group = groups[i];
    if (&group == &chosen) continue;
    const auto found =
        pooling_difference(*chosen.records.front(), *group.records.front(), same_machine);
    notes.push_back(std::to_string(group.records.size()) + " of " + std::to_string(all) +
                    " trials left out: " + found->field + " is '" + found->second + "', not '" +
                    found->first + "' (--group " + std::to_string(i + 1) + " takes them)");
  }
  notes.insert(notes.end(), chosen.notes.begin(), chosen.notes.end());
  return notes;
}

std::vector<const Record*> most_frequent_configuration(const std::vector<const Record*>& records,
                                                       std::vector<std::string>& notes) {
  const auto groups = group_by_configuration(records);
  const auto largest = std::max_element(
      groups.begin(), groups.end(), [](const Configuration& a, const Configuration& b) {
        return std::pair(a.records.size(), b.key) < std::pair(b.records.size(), a.key);
      });
  if (largest == groups.end() || largest->records.size() == records.size()) return records;
  notes.push_back(records.front()->candidate.name + ": " + std::to_string(largest->records.size()) +
                  " of " + std::to_string(records.size()) +
                  " trials used, the others were trained with different settings");
  return largest->records;
}

PooledRecords pool_records(std::span<const Record> records, std::optional<std::size_t> wanted) {
  const auto groups = comparable_groups(records, false);
  const auto& chosen = choose_group(groups, wanted, false);
  PooledRecords pooled;
  pooled.notes = left_out_notes(groups, chosen, false);
  std::map<std::string, std::vector<const Record*>> by_name;
  for (const auto* record : chosen.records) by_name[record->candidate.name].push_back(record);
  for (const auto& [name, mine] : by_name) {
    for (const auto* record : most_frequent_configuration(mine, pooled.notes))
      pooled.records.push_back(*record);
  }
  std::sort(pooled.records.begin(), pooled.records.end(),
            [](const Record& a, const Record& b) { return a.trial_id < b.trial_id; });
  return pooled;
}

}  // namespace ganselect
