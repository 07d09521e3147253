// Who stands in a survey table, with the records of each. Columns and texts are those of
// tables.cpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "results/tables/tables.h"

namespace ganselect {

inline constexpr int kOverview = 0;  ///< number of the table of every candidate

/// A candidate of the table: as the caller lists it, as its records have it, or both.
struct TableMember {
  std::string name;
  const Json* listed = nullptr;
  std::vector<const Record*> records;  // ordered by seed
  std::string trained_as;              // whose records these are, where not its own; else empty
};

/// Members in the caller's order, then those known from records alone by name; the base comes
/// first.
std::vector<TableMember> find_members(const TableSpec& spec, std::span<const Record> records,
                                      const std::vector<Json>& candidates);

/// Their records, each once.
std::vector<const Record*> all_records(const std::vector<TableMember>& members);

/// A candidate trained in two ways has two results, of which one row can show one: an error.
void require_one_configuration(const std::vector<TableMember>& members);

}  // namespace ganselect
