// The parts of the report page that need no script, each an HTML fragment.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"
#include "results/tables/tables.h"

namespace ganselect {

/// One line a preset of `ranking` (ReportInput): what it asks for, who is first, how sure that is.
std::string presets_html(const Json& ranking);

/// One answer in the form of `ask --json`: what was understood, the ranking, the four questions.
std::string answer_html(const Json& answer);

/// The verdicts in the form of `claims --json`, as a table.
std::string claims_html(const Json& claims);

/// A figure for each candidate named in `order` that has records: its parameters, how its trials
/// ended, and the sample grid of the first seed that has one. `records` are all of one protocol. A
/// grid that cannot be read is named in `warnings`.
std::string samples_html(std::span<const Record> records, const std::vector<std::string>& order,
                         std::vector<std::string>& warnings);

/// Where the trial's file of this role lies, if it is there; always in the trial's folder
/// (parse_record refuses other paths).
std::optional<std::filesystem::path> file_of(const Record& record, const std::string& role);

/// `text` with the path of the trial's folder left out, so that the page does not depend on where
/// the records lie.
std::string without_folder(std::string text, const Record& record);

}  // namespace ganselect
