// Wording shared by tables and report: titles, numbers, escaped text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/tables/tables.h"

namespace ganselect {

/// What all `records` share: data set, budget, settings, detector, and the sets of devices,
/// commits, plans and seeds. {} for no record. `records` must be comparable.
Json shared_protocol(const std::vector<const Record*>& records);

/// "GANs against FCGAN: cifar10 (train, 50000 samples), 200 generator updates at batch 64, width
/// 0.25, cpu, seeds 0-2, judge-cifar10".
std::string table_title(const TableSpec& spec, const std::vector<const Record*>& records);

/// "0-2, 5" for {5, 1, 0, 2}.
std::string seed_ranges(std::vector<std::uint64_t> seeds);

/// True for `modes` of a point set from before they were told from chance: the legend's rule is not
/// theirs.
bool counted_any_near_point(const Record& record);

/// A recorded warning as one line.
std::string warning_text(const Json& warning);

/// `digits` significant digits without an exponent, whole numbers in full; from 1e7 on and below
/// 1e-3 with three digits and an exponent.
std::string rounded(double value, int digits = 4);

/// "12.34 ± 0.56 (3)", "12.34 (1)" or "n/a (reason)".
std::string cell_text(const TableCell& cell, const std::string& unit);

/// "-3.2 [-4.1, -2.3]", "-3.2 (one seed: no interval)" or "n/a (reason)"; "base" for the base.
std::string difference_text(const TableRow& row, const TableCell& cell, const std::string& unit);

/// Column heading: "fid[judge-cifar10] ↓", "peak_memory_bytes (MB) ↓".
std::string column_heading(const TableColumn& column, const Json& protocol);

/// A part of a table as plain cells, for any form of output.
struct TableGrid {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header
  std::vector<std::string> notes;              ///< what was left out of the grid, and why
};

/// The table in parts: application, implementation, behaviour, differences to the base, trials.
/// Measures without any value are named in the notes with their reason.
std::vector<TableGrid> text_grids(const SurveyTable& table);

}  // namespace ganselect
