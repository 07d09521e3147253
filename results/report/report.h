// One self-contained HTML page of results: no script, style, font or picture from elsewhere, and a
// content security policy under which nothing but its own pieces can run.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"

namespace ganselect {

/// What the page shows. Records and candidates are this layer's own; answers and claims are made by
/// the caller and shown as they are.
struct ReportInput {
  std::string title = "GAN selection report";
  std::vector<Json> candidates;   ///< candidate objects, for the survey tables' rows
  Json ranking = Json::object();  ///< presets and evidence in the form of page_ranking()
  std::vector<Json> answers;      ///< answers in the form of `ask --json`, one section each
  Json claims = Json::array();    ///< verdicts in the form of `claims --json`
  Json forest = Json();           ///< published contrasts beside own ones; null: none were asked
  std::vector<std::string> warnings;  ///< shown folded at the end, as of records that were left out
};

/// Renders the page from `records`; curves and sample grids are read from the records' folders
/// where they exist, and the page says so where they do not or cannot be read. Deterministic,
/// whatever the order of records. Throws Error kProtocol as build_table does.
std::string render_report(std::span<const Record> records, const ReportInput& input);

}  // namespace ganselect
