// Style, markup and scripts of the report page, embedded at build time from the files of their
// names in this folder (cmake/report_assets.cmake).
#pragma once

#include <string_view>

namespace ganselect {

/// Texts that go into the page as they are; none depends on records.
struct ReportAssets {
  std::string_view style;           ///< report_page.css
  std::string_view explorer;        ///< report_explorer.html: preset, weights, ranking, Pareto plot
  std::string_view training;        ///< report_training.html: curves
  std::string_view rank_script;     ///< report_rank.js: the ranking itself
  std::string_view page_script;     ///< report_page.js: tables, dialog, theme
  std::string_view answers_script;  ///< report_answers.js: presets, sliders, ranking, questions
  std::string_view charts_script;   ///< report_charts.js
  std::string_view chart_license;   ///< chart_js_license.txt
  std::string_view chart_library;   ///< Chart.js; empty where the build found none
};

const ReportAssets& report_assets();

}  // namespace ganselect
