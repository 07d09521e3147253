#include "results/report/report.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "results/report/html.h"
#include "results/report/report_assets.h"
#include "results/report/report_data.h"
#include "results/report/report_parts.h"
#include "results/tables/table_text.h"
#include "results/tables/tables.h"

namespace ganselect {
namespace {

// The color of a row's outcomes: that of the worst one.
std::string outcome_class(const TableRow& row) {
  for (const char* outcome : {"failed", "diverged", "collapsed"}) {
    if (row.outcomes.contains(outcome)) return std::string(" ") + outcome;
  }
  return "";
}

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
      "<p class=\"paper\">On paper: the first measures, and what was unfolded.</p><p "
      "class=\"note\">Mean ± sd (n) over seeds. A heading sorts; a figure opens its trials, "
      "protocol and digests.</p><div class=\"scroll\"><table class=\"sortable overview\"><thead>" +
      header_row(heads, true) + "</thead><tbody>";
  for (const auto& row : table.rows) {
    html += "<tr><th scope=\"row\">" + html_text(row.candidate) + "</th><td class=\"outcome" +
            outcome_class(row) + "\">" + html_text(row.status) + "</td>";
    for (const TableColumn* column : shown) {
      const TableCell& cell = row.cells.at(column->key);
      html +=
          figure_cell(cell_text(cell, column->unit), cell.summary.mean, row.candidate, column->key);
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
            outcome_html(*record) + "</td>";
    for (const char* key : {"commit", "dirty", "libtorch", "device", "date"}) {
      html += "<td><code>" + html_text(provenance_text(*record, key)) + "</code></td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div></details>";
}

// The questions that were asked, then the presets' own, each with its answer at first sight.
std::string openings_html(const ReportInput& input, const ShownGrids& grids) {
  std::string html;
  for (std::size_t i = 0; i < input.answers.size(); ++i) {
    const Json& answer = input.answers[i];
    html += "<section class=\"opening\"><h2>" +
            html_text(value_text(answer.value("query", Json()))) + "</h2>" +
            opening_html(answer, grids) + "<p><a href=\"#asked-" + std::to_string(i + 1) +
            "\">Ranking, the four questions and notes</a></p></section>\n";
  }
  const auto presets = input.ranking.find("presets");
  if (presets == input.ranking.end() || presets->empty()) return html;
  const Json& first = presets->front();
  return html +
         "<section class=\"opening\"><h2 id=\"answers\"><label for=\"preset\">Which GAN "
         "for</label> <span id=\"preset-name\">" +
         html_text(value_text(first.value("name", Json()))) +
         "</span><select id=\"preset\" hidden></select>?</h2><p id=\"preset-meaning\" "
         "class=\"note\">" +
         html_text(value_text(first.value("meaning", Json()))) +
         "</p><div id=\"opening\" aria-live=\"polite\">" +
         opening_html(first.value("answer", Json::object()), grids) + "</div></section>\n";
}

// What a content security policy calls an inline piece by.
std::string piece_hash(std::string_view text) {
  Digest digest;
  digest.update(text);
  const std::string hex = digest.hex();
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return "'sha256-" + base64_text(bytes) + "'";
}

std::vector<std::string_view> page_scripts(const ReportAssets& assets) {
  std::vector<std::string_view> scripts;
  if (!assets.chart_library.empty()) scripts.push_back(assets.chart_library);
  for (const auto script :
       {assets.rank_script, assets.page_script, assets.charts_script, assets.answers_script})
    scripts.push_back(script);
  return scripts;
}

// Nothing may be fetched or run but the page's own style and scripts, named by their digests.
std::string page_head(const std::string& title, const ReportAssets& assets) {
  std::vector<std::string> hashes;
  for (const auto script : page_scripts(assets)) hashes.push_back(piece_hash(script));
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta "
         "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src " +
         join(hashes, " ") + "; style-src " + piece_hash(assets.style) +
         "; img-src data:; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">"
         "<title>" +
         html_text(title) + "</title>\n<style>" + std::string(assets.style) +
         "</style></head>\n<body><main>\n";
}

std::string page_foot(const Json& data, const ReportAssets& assets) {
  std::string html =
      "\n<script type=\"application/json\" id=\"report-data\">" + script_json(data) + "</script>\n";
  for (const auto script : page_scripts(assets))
    html += "<script>" + std::string(script) + "</script>\n";
  return html + "</body></html>\n";
}

std::string about_html(const ReportAssets& assets) {
  if (assets.chart_library.empty())
    return "<p class=\"warning\">The program that wrote this page was built without Chart.js "
           "(package libjs-chart.js): the tables below each chart's place hold its numbers.</p>";
  return "<details><summary>Charts by Chart.js: licence</summary><pre>" +
         html_text(assets.chart_license) + "</pre></details>";
}

}  // namespace

std::string render_report(std::span<const Record> records, const ReportInput& input) {
  const ReportAssets& assets = report_assets();
  const SurveyTable overview = build_overview(records, input.candidates);
  std::vector<std::string> order;
  for (const auto& row : overview.rows) order.push_back(row.candidate);
  std::vector<std::string> warnings = overview.warnings;
  Json data = report_trials_json(records);
  data["curves"] = report_curves_json(records, warnings);
  data["ranking"] = input.ranking;
  data["claims"] = input.claims;
  const SamplesSection samples = samples_section(records, order, warnings);
  data["grids"] = to_json(samples.grids);
  warnings.insert(warnings.begin(), input.warnings.begin(), input.warnings.end());
  std::string html = page_head(input.title, assets);
  html += "<header><h1>" + html_text(input.title) +
          "</h1><button type=\"button\" id=\"theme\" hidden>Dark</button></header>\n" +
          "<nav><a href=\"#ranked\">Ranking</a> <a href=\"#measures\">Measures</a> "
          "<a href=\"#published\">Published</a> <a href=\"#training\">Training</a> <a "
          "href=\"#samples\">Samples</a> "
          "<a href=\"#claims\">Claims</a> <a href=\"#tables\">Survey tables</a> "
          "<a href=\"#provenance\">Provenance</a> <a href=\"#notes\">Notes (" +
          std::to_string(warnings.size()) + ")</a></nav>\n" + openings_html(input, samples.grids);
  html += "<h2 id=\"ranked\">Ranking</h2>\n" + std::string(assets.explorer) +
          "<h3>All presets at a glance</h3>\n" + presets_html(input.ranking);
  for (std::size_t i = 0; i < input.answers.size(); ++i)
    html += answer_html(input.answers[i], "asked-" + std::to_string(i + 1));
  html += "\n<h2 id=\"measures\">Measures</h2>\n<p class=\"lead\">" + html_text(overview.title) +
          "</p>\n" + overview_html(overview) + legend_html(overview);
  html += "\n<h2 id=\"published\">Published and measured</h2>\n" + forest_html(input.forest);
  html += "\n<h2 id=\"training\">Training</h2>\n" + std::string(assets.training);
  html += "\n<h2 id=\"samples\">Samples</h2>\n" + samples.html;
  html += "\n<h2 id=\"claims\">The survey's claims</h2>\n<p class=\"note\">In our words.</p>\n" +
          claims_html(input.claims);
  html +=
      "\n<h2 id=\"tables\">The survey's tables</h2>\n<p class=\"note\">Their titles are the "
      "survey's; "
      "contents and wording are ours.</p>\n" +
      survey_tables_html(records, input.candidates);
  html += "\n<h2 id=\"provenance\">Provenance</h2>\n" +
          provenance_html(records, overview.protocol) + about_html(assets);
  html += "\n<h2 id=\"notes\">Notes</h2>\n" +
          (warnings.empty() ? "<p class=\"missing\">None.</p>"
                            : folded_html("What was left out, and what to take care of", warnings));
  return html + "\n</main>" + page_foot(data, assets);
}

}  // namespace ganselect
