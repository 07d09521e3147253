// Line charts as inline SVG: no script, no font, colours from the page's style sheet.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ganselect {

/// One line of a chart.
struct ChartSeries {
  std::string label;      ///< in the key below the chart; several lines of one label share an entry
  std::string css_class;  ///< "series-a", "series-b": colour and dash of the line
  std::vector<std::pair<double, double>> points;  ///< finite, in order of x
};

struct LineChart {
  std::string title;  ///< above the chart
  std::string x_label;
  std::vector<ChartSeries> series;
};

/// The chart as one <svg>, readable by screen readers; a line of text where there is no point at
/// all. Long lines are thinned to a few hundred points.
std::string line_chart_svg(const LineChart& chart);

/// Text with the characters that HTML gives a meaning replaced, fit for attributes too.
std::string html_text(std::string_view text);

/// About `count` round values from `low` to `high`, for the ticks of an axis; low < high.
std::vector<double> round_ticks(double low, double high, int count);

}  // namespace ganselect
