#include "results/tables/table_members.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/error.h"
#include "results/records/compare.h"
#include "results/records/groups.h"

namespace ganselect {
namespace {

bool in_table(const Json& tables, int number) {
  return tables.is_array() && std::find(tables.begin(), tables.end(), Json(number)) != tables.end();
}

std::string listed_name(const Json& candidate) {
  if (!candidate.is_object() || !candidate.contains("name") || !candidate["name"].is_string()) {
    fail(ErrorKind::kData,
         {.where = "candidates", .expected = "objects with a name", .got = candidate.dump()});
  }
  return candidate["name"].get<std::string>();
}

// A candidate that is trained under another's name shows that one's trials.
void take_same_training(std::span<const Record> records, TableMember& member) {
  if (member.listed == nullptr) return;
  const auto same = member.listed->find("same_training");
  if (same == member.listed->end() || !same->is_string()) return;
  for (const Record& record : records) {
    if (training_name(record.candidate) != same->get<std::string>()) continue;
    if (member.trained_as.empty()) member.trained_as = record.candidate.name;
    if (record.candidate.name == member.trained_as) member.records.push_back(&record);
  }
}

}  // namespace

std::vector<TableMember> find_members(const TableSpec& spec, std::span<const Record> records,
                                      const std::vector<Json>& candidates) {
  std::vector<TableMember> members;
  std::set<std::string> listed;
  for (const Json& candidate : candidates) {
    const std::string name = listed_name(candidate);
    listed.insert(name);
    const bool is_member = spec.number == kOverview || (candidate.contains("tables") &&
                                                        in_table(candidate["tables"], spec.number));
    if (is_member || spec.base == name) members.push_back({.name = name, .listed = &candidate});
  }
  std::set<std::string> only_recorded;
  for (const Record& record : records) {
    const auto& tables = record.candidate.tables;
    const bool is_member = spec.number == kOverview ||
                           std::find(tables.begin(), tables.end(), spec.number) != tables.end();
    if (listed.count(record.candidate.name) == 0 &&
        (is_member || spec.base == record.candidate.name)) {
      only_recorded.insert(record.candidate.name);
    }
  }
  for (const auto& name : only_recorded) members.push_back({.name = name});
  for (TableMember& member : members) {
    for (const Record& record : records) {
      if (record.candidate.name == member.name) member.records.push_back(&record);
    }
    if (member.records.empty()) take_same_training(records, member);
    std::sort(member.records.begin(), member.records.end(), [](const Record* a, const Record* b) {
      return std::tie(a->seed, a->trial_id) < std::tie(b->seed, b->trial_id);
    });
  }
  std::stable_partition(members.begin(), members.end(),
                        [&spec](const TableMember& member) { return spec.base == member.name; });
  return members;
}

std::vector<const Record*> all_records(const std::vector<TableMember>& members) {
  std::vector<const Record*> all;
  for (const TableMember& member : members) {
    for (const Record* record : member.records) {
      // Another name's trials may stand in two rows.
      if (std::find(all.begin(), all.end(), record) == all.end()) all.push_back(record);
    }
  }
  return all;
}

void require_one_configuration(const std::vector<TableMember>& members) {
  for (const TableMember& member : members) {
    for (const Record* record : member.records) {
      if (auto found = configuration_difference(*member.records.front(), *record)) {
        refuse_mixing(*member.records.front(), *record, member.name, *found);
      }
    }
  }
}

}  // namespace ganselect
