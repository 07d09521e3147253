#include "results/report.h"

#include <algorithm>

#include "base/text.h"
#include "results/report_parts.h"
#include "results/report_style.h"
#include "results/svg_chart.h"
#include "results/table_text.h"
#include "results/tables.h"

namespace ganselect {
namespace {

// Measures as rows of candidates that can be sorted; the columns that no candidate has are named
// below.
std::string overview_html(const SurveyTable& table) {
  std::vector<const TableColumn*> shown;
  std::vector<std::string> heads = {"candidate", "outcome"};
  std::vector<std::string> missing;
  for (const auto& column : table.columns) {
    if (!column.is_measure) continue;
    const bool has_value =
        std::any_of(table.rows.begin(), table.rows.end(), [&column](const TableRow& row) {
          return row.cells.at(column.key).summary.mean.has_value();
        });
    if (has_value) {
      shown.push_back(&column);
      heads.push_back(column_heading(column, table.protocol));
    } else {
      missing.push_back(column.key);
    }
  }
  std::string html =
      "<div class=\"scroll\"><table class=\"sortable\"><caption class=\"note\">mean ± sd (n) over "
      "seeds; click a heading to sort</caption><thead>" +
      header_row(heads, true) + "</thead><tbody>";
  for (const auto& row : table.rows) {
    html += "<tr><th scope=\"row\">" + html_text(row.candidate) + "</th><td class=\"outcome\">" +
            html_text(row.status) + "</td>";
    for (const TableColumn* column : shown) {
      const TableCell& cell = row.cells.at(column->key);
      html += number_cell(cell_text(cell, column->unit), cell.summary.mean);
    }
    html += "</tr>\n";
  }
  html += "</tbody></table></div>";
  if (!missing.empty() && !shown.empty()) {
    html += "<p class=\"note\">Without any value: " + html_text(join(missing)) + ".</p>";
  }
  return html;
}

std::string legend_html(const SurveyTable& table) {
  std::string html =
      "<details><summary>What the measures mean</summary><div class=\"scroll\"><table><tbody>";
  for (const auto& entry : table.legend) {
    html += "<tr><th scope=\"row\">" + html_text(entry.name) + "</th><td>" + html_text(entry.text) +
            "</td></tr>\n";
  }
  return html + "</tbody></table></div></details>";
}

std::string grid_html(const TableGrid& grid) {
  std::string html = "<h3>" + html_text(grid.title) + "</h3>";
  if (!grid.rows.empty()) {
    html +=
        "<div class=\"scroll\"><table><thead>" + header_row(grid.header, false) + "</thead><tbody>";
    for (const auto& row : grid.rows) {
      html += "<tr><th scope=\"row\">" + html_text(row.front()) + "</th>";
      for (std::size_t i = 1; i < row.size(); ++i) html += "<td>" + html_text(row[i]) + "</td>";
      html += "</tr>\n";
    }
    html += "</tbody></table></div>";
  }
  for (const auto& note : grid.notes) html += "<p class=\"note\">" + html_text(note) + "</p>";
  return html;
}

std::string survey_tables_html(std::span<const Record> records,
                               const std::vector<Json>& candidates) {
  std::string html;
  for (const auto& spec : table_specs()) {
    const SurveyTable table = build_table(spec.number, records, candidates);
    html += "<details><summary>" + html_text(table.title) + "</summary>";
    for (const auto& grid : text_grids(table)) html += grid_html(grid);
    for (const auto& warning : table.warnings)
      html += "<p class=\"warning\">" + html_text(warning) + "</p>";
    html += "</details>\n";
  }
  return html;
}

std::string provenance_text(const Record& record, const std::string& key) {
  const auto found = record.provenance.find(key);
  return found == record.provenance.end() ? value_text(nullptr) : value_text(*found);
}

std::string provenance_html(std::span<const Record> records, const Json& protocol) {
  std::vector<const Record*> ordered;
  for (const Record& record : records) ordered.push_back(&record);
  std::sort(ordered.begin(), ordered.end(),
            [](const Record* a, const Record* b) { return a->trial_id < b->trial_id; });
  std::string html =
      "<h3>Shared by every value above</h3><pre>" + html_text(protocol.dump(2)) + "</pre>";
  html += "<details><summary>Trials (" + std::to_string(ordered.size()) +
          ")</summary><div class=\"scroll\"><table class=\"sortable\"><thead>" +
          header_row({"trial", "plan", "seed", "status", "commit", "changed", "LibTorch", "device",
                      "date"},
                     true) +
          "</thead><tbody>";
  for (const Record* record : ordered) {
    html += "<tr><th scope=\"row\">" + html_text(record->trial_id) + "</th><td>" +
            html_text(record->plan.value_or("none")) + "</td>" +
            number_cell(std::to_string(record->seed), static_cast<double>(record->seed)) + "<td>" +
            std::string(status_name(record->status)) + "</td>";
    for (const char* key : {"commit", "dirty", "libtorch", "device", "date"}) {
      html += "<td><code>" + html_text(provenance_text(*record, key)) + "</code></td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div></details>";
}

std::string warnings_html(const std::vector<std::string>& first,
                          const std::vector<std::string>& second) {
  std::string html;
  for (const auto& warning : first) html += "<p class=\"warning\">" + html_text(warning) + "</p>";
  for (const auto& warning : second) html += "<p class=\"warning\">" + html_text(warning) + "</p>";
  return html;
}

std::string page_head(const std::string& title) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link "
         "rel=\"icon\" href=\"data:,\">"
         "<title>" +
         html_text(title) + "</title><style>" + std::string(report_style()) +
         "</style></head>\n<body><main>\n";
}

}  // namespace

std::string render_report(std::span<const Record> records, const ReportInput& input) {
  const SurveyTable overview = build_overview(records, input.candidates);
  std::vector<std::string> order;
  for (const auto& row : overview.rows) order.push_back(row.candidate);
  std::string html =
      page_head(input.title) + "<h1>" + html_text(input.title) + "</h1>\n<p class=\"lead\">" +
      html_text(overview.title) +
      "</p>\n<nav><a href=\"#answers\">Answers</a> <a href=\"#measures\">Measures</a> "
      "<a href=\"#training\">Training and samples</a> <a href=\"#claims\">Claims</a> "
      "<a href=\"#tables\">Survey tables</a> <a href=\"#provenance\">Provenance</a></nav>\n";
  html += warnings_html(input.warnings, overview.warnings);
  html += "<h2 id=\"answers\">Answers</h2>\n";
  if (input.answers.empty()) html += "<p class=\"missing\">No question was asked.</p>";
  for (const Json& answer : input.answers) html += answer_html(answer);
  html += "\n<h2 id=\"measures\">Measures</h2>\n" + overview_html(overview) + legend_html(overview);
  html +=
      "\n<h2 id=\"training\">Training and samples</h2>\n" + candidate_cards_html(records, order);
  html += "\n<h2 id=\"claims\">The survey's claims</h2>\n" + claims_html(input.claims);
  html += "\n<h2 id=\"tables\">The survey's tables</h2>\n" +
          survey_tables_html(records, input.candidates);
  html += "\n<h2 id=\"provenance\">Provenance</h2>\n" + provenance_html(records, overview.protocol);
  return html + "\n</main><script>" + std::string(report_script()) + "</script></body></html>\n";
}

}  // namespace ganselect
