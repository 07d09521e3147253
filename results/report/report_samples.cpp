// One figure a candidate: parameters, outcome of its trials and the samples, read from the records'
// folders.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "results/records/compare.h"
#include "results/report/html.h"
#include "results/report/report_parts.h"
#include "results/report/sample_grid.h"

namespace ganselect {
namespace {

namespace fs = std::filesystem;

std::string picture_html(const Record& record, const SampleGrid& grid, ShownGrid& shown) {
  const std::string after =
      fmt::format("{} after {} updates", record.trial_id, record.budget.steps);
  shown.shown = grid.shown;
  shown.told = after;
  shown.outcome = std::string(status_name(outcome_of(record)));
  if (grid.cropped())
    shown.told += fmt::format("; the top left {} x {} of {} x {} pixels", grid.shown.width,
                              grid.shown.height, grid.full.width, grid.full.height);
  const std::string image = fmt::format(
      "<image id=\"{}\" width=\"{}\" height=\"{}\" href=\"data:{};base64,{}\"/>", shown.id,
      grid.stored.width, grid.stored.height, grid.media, base64_text(grid.bytes));
  const std::string lost = outcome_of(record) == TrialStatus::kFinished
                               ? std::string()
                               : "<p class=\"note\">" + outcome_html(record) + "</p>";
  return grid_window_html(after, shown, image) + lost + "<p class=\"note\">" +
         html_text(shown.told) + "</p>";
}

// The first seed that has a sample grid; the caption says which.
std::string grid_of(const Configuration& configuration, const std::string& id, ShownGrids& grids,
                    std::vector<std::string>& warnings) {
  for (const Record* record : configuration.records) {
    const auto file = file_of(*record, "samples");
    if (!file) continue;
    try {
      const auto grid = sample_grid(read_file(*file), kMostShown, file->string());
      ShownGrid shown{.id = id};
      std::string html = picture_html(*record, grid, shown);
      grids.emplace(record->candidate.name, std::move(shown));
      return html;
    } catch (const Error& error) {
      warnings.push_back("samples of " + record->trial_id +
                         " left out: " + without_folder(error.what(), *record));
    }
  }
  return "<p class=\"missing\">no sample grid on disk</p>";
}

std::string outcomes_html(const Configuration& configuration) {
  std::string html = "<ul class=\"note\">";
  for (const Record* record : configuration.records) {
    html += "<li>seed " + std::to_string(record->seed) + ": " + outcome_html(*record);
    if (record->status_detail.step && record->status != TrialStatus::kFinished)
      html += " at step " + std::to_string(*record->status_detail.step);
    if (const auto reason = outcome_reason(*record)) html += ", " + html_text(*reason);
    html += "</li>";
  }
  return html + "</ul>";
}

// A card is of the color of its trials where none of them finished.
std::string card_class(const Configuration& configuration) {
  const auto outcome = outcome_of(*configuration.records.front());
  const bool alike = std::all_of(configuration.records.begin(), configuration.records.end(),
                                 [&](const Record* one) { return outcome_of(*one) == outcome; });
  if (!alike || outcome == TrialStatus::kFinished) return "card";
  return "card lost " + std::string(status_name(outcome));
}

std::string card_html(const Configuration& configuration, const std::string& grid) {
  const Record& first = *configuration.records.front();
  std::vector<std::string> parameters = {first.candidate.architecture, first.candidate.loss};
  parameters.push_back(first.candidate.regularization.empty()
                           ? "no regularization"
                           : join(first.candidate.regularization, " + "));
  if (first.candidate.divergence) parameters.push_back(*first.candidate.divergence);
  return "<article class=\"" + card_class(configuration) + "\"><h3>" +
         html_text(first.candidate.name) + "</h3><p class=\"note\">" +
         html_text(join(parameters, " / ")) + "</p>" + outcomes_html(configuration) + grid +
         "</article>\n";
}

}  // namespace

std::string outcome_html(const Record& record) {
  const std::string word(status_name(outcome_of(record)));
  return "<span class=\"" + word + "\">" + word + "</span>";
}

Json to_json(const ShownGrids& grids) {
  Json json = Json::object();
  for (const auto& [candidate, grid] : grids)
    json[candidate] = {{"id", grid.id},
                       {"width", grid.shown.width},
                       {"height", grid.shown.height},
                       {"told", grid.told},
                       {"outcome", grid.outcome}};
  return json;
}

std::optional<fs::path> file_of(const Record& record, const std::string& role) {
  const auto found = record.files.find(role);
  if (found == record.files.end() || record.folder.empty()) return std::nullopt;
  fs::path path = record.folder / found->second;
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return path;
  if (path.extension() != ".png") return std::nullopt;
  path.replace_extension(".webp");
  return fs::is_regular_file(path, ignored) ? std::optional<fs::path>(path) : std::nullopt;
}

std::string without_folder(std::string text, const Record& record) {
  const std::string folder = (record.folder / "").string();
  for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
    text.erase(at, folder.size());
  return text;
}

SamplesSection samples_section(std::span<const Record> records,
                               const std::vector<std::string>& order,
                               std::vector<std::string>& warnings) {
  if (records.empty()) return {"<p class=\"missing\">There is no record yet.</p>", {}};
  const auto configurations = group_by_configuration(records);
  SamplesSection section;
  section.html =
      "<p class=\"note\">The first samples of each candidate, not hand-picked. Of a large grid the "
      "top left part is shown; no pixel is recomputed, the page only enlarges them.</p><div "
      "class=\"cards\">";
  std::size_t number = 0;
  for (const auto& name : order) {
    for (const auto& configuration : configurations) {
      if (configuration.records.front()->candidate.name != name) continue;
      const std::string id = "grid-" + std::to_string(++number);
      section.html += card_html(configuration, grid_of(configuration, id, section.grids, warnings));
    }
  }
  section.html += "</div>";
  return section;
}

}  // namespace ganselect
