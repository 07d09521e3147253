// The parts of the report page that need no script, each an HTML fragment.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"
#include "results/report/sample_grid.h"
#include "results/tables/tables.h"

namespace ganselect {

/// One line a preset of `ranking` (ReportInput): what it asks for, who is first, how sure that is.
std::string presets_html(const Json& ranking);

/// One answer in the form of `ask --json`: what was understood, the ranking, who is left out and
/// why, the four questions; its notes are folded at its end. `id` is of the section.
std::string answer_html(const Json& answer, const std::string& id);

/// Published contrasts beside own ones (ReportInput::forest), drawn and as a table.
std::string forest_html(const Json& forest);

/// The verdicts in the form of `claims --json`, as a table.
std::string claims_html(const Json& claims);

/// A sample grid on the page, to be shown at other places too.
struct ShownGrid {
  std::string id;       ///< of the picture's element
  GridSize shown;       ///< pixels of the part that is shown
  std::string told;     ///< which trial and part it is
  std::string outcome;  ///< how that trial ended
};
using ShownGrids = std::map<std::string, ShownGrid>;  ///< by candidate

/// {candidate: {id, width, height, told, outcome}}
Json to_json(const ShownGrids& grids);

struct SamplesSection {
  std::string html;
  ShownGrids grids;
};

/// A figure for each candidate named in `order` that has records: its parameters, how its trials
/// ended, and the sample grid of the first seed that has one. `records` are all of one protocol. A
/// grid that cannot be read is named in `warnings`.
SamplesSection samples_section(std::span<const Record> records,
                               const std::vector<std::string>& order,
                               std::vector<std::string>& warnings);

/// An answer in the form of `ask --json` at first sight: the sentence, how sure it is, samples of
/// the shortlist.
std::string opening_html(const Json& answer, const ShownGrids& grids);

/// A window on a trial's picture, as large as the part that is shown, framed where the trial was
/// lost; `inside` draws it.
std::string grid_window_html(const std::string& label, const ShownGrid& grid,
                             const std::string& inside);

/// How a trial ended, in its color.
std::string outcome_html(const Record& record);

/// `summary` and below it, folded, `lines`; nothing where there are none.
std::string folded_html(const std::string& summary, const std::vector<std::string>& lines);

/// Where the trial's file of this role lies, if it is there; always in the trial's folder
/// (parse_record refuses other paths). Published sample grids lie as .webp in place of .png.
std::optional<std::filesystem::path> file_of(const Record& record, const std::string& role);

/// `text` with the path of the trial's folder left out, so that the page does not depend on where
/// the records lie.
std::string without_folder(std::string text, const Record& record);

}  // namespace ganselect
