// The survey's tables 1 to 7 as pure functions of records: the same records give the same bytes,
// in whatever order they come. Table 1 sums up the loss variants; tables 2 to 7 compare their
// members with a base candidate in three aspects: application, implementation, behaviour. Of the
// survey's own tables the titles are known; the members beyond those named there are inferred.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"
#include "results/records/record.h"
#include "results/records/summary.h"

namespace ganselect {

/// Version of the JSON form of a table (tables.schema.json).
inline constexpr int kTableSchemaVersion = 1;

/// What one of the survey's tables compares.
struct TableSpec {
  std::string name;  ///< "1" to "7"
  int number = 0;
  std::string subject;  ///< first part of the title
  std::optional<std::string>
      base;  ///< candidate that the others are compared with; none for table 1
  std::vector<std::string> named_in_title;  ///< members that the survey's title names
};

/// The seven tables in order.
const NamedTable<TableSpec>& table_specs();

/// How it is known that the candidate stands in the table: "title" or "inferred"; "" for the
/// overview, which is ours.
std::string table_membership(const TableSpec& spec, const std::string& candidate);

/// The two words of table_membership, for legends.
inline constexpr const char* kMembershipNote =
    "of the survey's tables the titles are known to us, not the rows; title: named in the table's "
    "title; inferred: our inference from the title";

/// A column of text (from the candidate) or of a measure (from the records).
struct TableColumn {
  std::string key;     ///< "optimizer", "fid"
  std::string label;   ///< heading for people
  std::string aspect;  ///< "application", "implementation" or "behaviour"
  bool is_measure = false;
  std::string unit;       ///< measures only
  std::string direction;  ///< measures only: "lower", "higher" or "none"
};

/// One measure of one candidate.
struct TableCell {
  SeedSummary summary;
  std::optional<Difference> to_base;  ///< absent for the base itself, or with `note`'s reason
  std::string note;                   ///< why mean or difference is absent or rests on few trials
};

/// One candidate. Rows without any trial say so; failed trials are counted, never left out.
struct TableRow {
  std::string candidate;
  bool is_base = false;
  std::string membership;  ///< table_membership
  std::string status;      ///< "3 finished", "2 finished, 1 diverged at step 120", "not measured"
  std::map<std::string, std::size_t> outcomes;  ///< status name -> trials
  std::vector<std::string> trial_ids;           ///< ordered by seed: the evidence of every cell
  std::map<std::string, std::string> texts;     ///< text column key -> text
  std::map<std::string, TableCell> cells;       ///< measure column key -> cell
};

struct LegendEntry {
  std::string name;
  std::string text;
};

struct SurveyTable {
  int number = 0;
  std::string title;  ///< subject, data, scale, steps, device, seeds
  std::optional<std::string> base;
  Json protocol = Json::object();  ///< shared by every cell: data set, budget, detector, devices
  std::vector<TableColumn> columns;
  std::vector<TableRow> rows;
  std::vector<LegendEntry> legend;
  std::vector<std::string> warnings;
};

/// Builds table `number` (1 to 7) from `records`. `candidates` is the full list of candidate
/// objects (as recorded under "candidate"): members without a record become "not measured" rows,
/// and the list's order is the rows' order, the base first. Records of candidates outside the table
/// are ignored. Throws Error kUsage for an unknown number; kProtocol, naming the field and both
/// values, when the table's records were measured by different protocols, or when one candidate was
/// trained with different settings. Cost measures from different machines become "n/a" instead.
SurveyTable build_table(int number, std::span<const Record> records,
                        const std::vector<Json>& candidates);

/// All candidates of `records` and `candidates` in one table without a base, for the report. Errors
/// as build_table.
SurveyTable build_overview(std::span<const Record> records, const std::vector<Json>& candidates);

/// Renderings; each ends with a newline.
Json table_to_json(const SurveyTable& table);             ///< conforms to tables.schema.json
std::string table_to_csv(const SurveyTable& table);       ///< RFC 4180, one line a candidate
std::string table_to_markdown(const SurveyTable& table);  ///< one grid an aspect, then the legend
std::string table_to_latex(const SurveyTable& table);     ///< booktabs, the same grids

/// A form of output, as named by `--format`.
struct TableFormat {
  std::string name;       ///< "json", "csv", "md", "latex"
  std::string extension;  ///< with the dot
  std::string (*render)(const SurveyTable& table);
  bool joins = true;  ///< several tables may stand in one text
};

const NamedTable<TableFormat>& table_formats();

/// Several tables as one text of this format: a JSON array of them, else one after the other with a
/// blank line between. A single table is rendered as by format.render. Throws kUsage for several
/// tables in a form that cannot hold them: the columns of CSV tables differ.
std::string render_tables(const TableFormat& format, std::span<const SurveyTable> tables);

}  // namespace ganselect
