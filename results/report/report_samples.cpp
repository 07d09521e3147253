// One figure a candidate: parameters, outcome of its trials and the samples, read from the records'
// folders.
#include <fmt/format.h>

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

std::string picture_html(const Record& record, const SampleGrid& grid) {
  const std::string told = fmt::format("{} after {} updates", record.trial_id, record.budget.steps);
  const std::string part = grid.cropped()
                               ? fmt::format("; {} x {} of {} x {} pixels", grid.width, grid.height,
                                             grid.full_width, grid.full_height)
                               : std::string();
  return fmt::format(
      "<img alt=\"samples of {}\" width=\"{}\" height=\"{}\" src=\"data:image/png;base64,{}\"><p "
      "class=\"note\">{}</p>",
      html_text(told), grid.width, grid.height, base64_text(grid.png), html_text(told + part));
}

// The first seed that has a sample grid; the caption says which.
std::string grid_of(const Configuration& configuration, std::vector<std::string>& warnings) {
  for (const Record* record : configuration.records) {
    const auto file = file_of(*record, "samples");
    if (!file) continue;
    try {
      return picture_html(*record,
                          crop_grid(read_file(*file), kGridWidth, kGridHeight, file->string()));
    } catch (const Error& error) {
      warnings.push_back("samples of " + record->trial_id +
                         " left out: " + without_folder(error.what(), *record));
    }
  }
  return "<p class=\"missing\">no sample grid on disk</p>";
}

std::string outcome_html(const Configuration& configuration) {
  std::string html = "<ul class=\"note\">";
  for (const Record* record : configuration.records) {
    const std::string word(status_name(record->status));
    html += "<li>seed " + std::to_string(record->seed) + ": <span class=\"" + word + "\">" + word +
            "</span>";
    if (record->status_detail.step && record->status != TrialStatus::kFinished) {
      html += " at step " + std::to_string(*record->status_detail.step);
    }
    if (record->status_detail.reason) html += ", " + html_text(*record->status_detail.reason);
    html += "</li>";
  }
  return html + "</ul>";
}

std::string card_html(const Configuration& configuration, std::vector<std::string>& warnings) {
  const Record& first = *configuration.records.front();
  std::vector<std::string> parameters = {first.candidate.architecture, first.candidate.loss};
  parameters.push_back(first.candidate.regularization.empty()
                           ? "no regularization"
                           : join(first.candidate.regularization, " + "));
  if (first.candidate.divergence) parameters.push_back(*first.candidate.divergence);
  return "<article class=\"card\"><h3>" + html_text(first.candidate.name) +
         "</h3><p class=\"note\">" + html_text(join(parameters, " / ")) + "</p>" +
         outcome_html(configuration) + grid_of(configuration, warnings) + "</article>\n";
}

}  // namespace

std::optional<fs::path> file_of(const Record& record, const std::string& role) {
  const auto found = record.files.find(role);
  if (found == record.files.end() || record.folder.empty()) return std::nullopt;
  const fs::path path = record.folder / found->second;
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) ? std::optional<fs::path>(path) : std::nullopt;
}

std::string without_folder(std::string text, const Record& record) {
  const std::string folder = (record.folder / "").string();
  for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
    text.erase(at, folder.size());
  return text;
}

std::string samples_html(std::span<const Record> records, const std::vector<std::string>& order,
                         std::vector<std::string>& warnings) {
  if (records.empty()) return "<p class=\"missing\">There is no record yet.</p>";
  const auto configurations = group_by_configuration(records);
  std::string html =
      "<p class=\"note\">The first samples of each candidate, not hand-picked. A large grid is cut "
      "to "
      "its top left part; no pixel is recomputed, the page only enlarges them.</p><div "
      "class=\"cards\">";
  for (const auto& name : order) {
    for (const auto& configuration : configurations) {
      if (configuration.records.front()->candidate.name == name)
        html += card_html(configuration, warnings);
    }
  }
  return html + "</div>";
}

}  // namespace ganselect
