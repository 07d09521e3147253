// One card a candidate: outcome, sample grid and curves, read from the records' folders.

#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "results/compare.h"
#include "results/curve_file.h"
#include "results/report_parts.h"
#include "results/svg_chart.h"
#include "results/table_text.h"

namespace ganselect {
namespace {

namespace fs = std::filesystem;

// Where the trial's file of this role lies, if it is there.
std::optional<fs::path> file_of(const Record& record, const std::string& role) {
  const auto found = record.files.find(role);
  if (found == record.files.end() || record.folder.empty()) return std::nullopt;
  const fs::path path = record.folder / found->second;
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) ? std::optional<fs::path>(path) : std::nullopt;
}

// The first seed that has a sample grid; the caption says which.
std::string samples_html(const Configuration& configuration) {
  for (const Record* record : configuration.records) {
    const auto file = file_of(*record, "samples");
    if (!file) continue;
    const std::string told = "first samples of " + record->trial_id + " after " +
                             std::to_string(record->budget.steps) + " updates, not hand-picked";
    return "<img alt=\"" + html_text(told) + "\" src=\"data:image/png;base64," +
           base64_text(read_file(*file)) + "\"><p class=\"note\">" + html_text(told) + "</p>";
  }
  return "<p class=\"missing\">no sample grid on disk</p>";
}

std::string fid_chart(const Configuration& configuration) {
  LineChart chart{.title = "", .x_label = "generator updates"};
  Json protocol = Json::object();
  for (const Record* record : configuration.records) {
    ChartSeries series{.css_class = "series-a"};
    for (const auto& checkpoint : record->checkpoints) {
      const auto value = checkpoint.measures.value("fid");
      if (!value) continue;
      series.points.emplace_back(static_cast<double>(checkpoint.step), *value);
      protocol = checkpoint.measures.protocol;
    }
    chart.series.push_back(series);
  }
  const Json count = protocol.value("n_fake", Json());
  chart.title = display_name("fid", protocol);
  if (count.is_number()) chart.title += " (" + count.dump() + " samples, all seeds)";
  return line_chart_svg(chart);
}

// The points of one column over steps; cells without a value are passed over.
ChartSeries curve_series(const CurveColumns& curve, const std::string& column,
                         const std::string& label, const std::string& css_class) {
  ChartSeries series{.label = label, .css_class = css_class};
  const auto steps = curve.columns.find("step");
  const auto values = curve.columns.find(column);
  if (steps == curve.columns.end() || values == curve.columns.end()) return series;
  for (std::size_t i = 0; i < steps->second.size(); ++i) {
    if (steps->second[i] && values->second[i])
      series.points.emplace_back(*steps->second[i], *values->second[i]);
  }
  return series;
}

std::string loss_chart(const Configuration& configuration) {
  LineChart chart{.title = "losses", .x_label = "generator updates"};
  for (const Record* record : configuration.records) {
    const auto file = file_of(*record, "curve");
    if (!file) continue;
    const CurveColumns curve = read_curve_columns(*file);
    chart.series.push_back(curve_series(curve, "loss_d", "critic", "series-a"));
    chart.series.push_back(curve_series(curve, "loss_g", "generator", "series-b"));
  }
  return line_chart_svg(chart);
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

std::string card_html(const Configuration& configuration) {
  const Record& first = *configuration.records.front();
  std::vector<std::string> parameters = {first.candidate.architecture, first.candidate.loss};
  parameters.push_back(first.candidate.regularization.empty()
                           ? "no regularization"
                           : join(first.candidate.regularization, " + "));
  if (first.candidate.divergence) parameters.push_back(*first.candidate.divergence);
  return "<article class=\"card\"><h3>" + html_text(first.candidate.name) +
         "</h3><p class=\"note\">" + html_text(join(parameters, " / ")) + "</p>" +
         outcome_html(configuration) + samples_html(configuration) + fid_chart(configuration) +
         loss_chart(configuration) + "</article>\n";
}

}  // namespace

std::string candidate_cards_html(std::span<const Record> records,
                                 const std::vector<std::string>& order) {
  if (records.empty()) return "<p class=\"missing\">There is no record yet.</p>";
  const auto configurations = group_by_configuration(records);
  std::string html = "<div class=\"cards\">";
  for (const auto& name : order) {
    for (const auto& configuration : configurations) {
      if (configuration.records.front()->candidate.name == name) html += card_html(configuration);
    }
  }
  return html + "</div>";
}

}  // namespace ganselect
