#include "results/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ganselect {
namespace {

// The drawing's own units; the page scales it.
constexpr double kWidth = 320.0;
constexpr double kHeight = 170.0;
constexpr double kLeft = 46.0;
constexpr double kRight = 16.0;
constexpr double kTop = 24.0;
constexpr double kBottom = 34.0;
constexpr std::size_t kMostPoints = 300;  // about one a unit of width

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // A single value gets room on both sides, so that it can be drawn.
  void widen() {
    if (low < high) return;
    const double room = low == 0.0 ? 1.0 : std::abs(low) * 0.1;
    low -= room;
    high += room;
  }
};

struct ChartFrame {
  Range x;
  Range y;

  double place_x(double value) const {
    return kLeft + (value - x.low) / (x.high - x.low) * (kWidth - kLeft - kRight);
  }
  double place_y(double value) const {
    return kHeight - kBottom - (value - y.low) / (y.high - y.low) * (kHeight - kTop - kBottom);
  }
};

std::string tick_text(double value) {
  const double size = std::abs(value);
  if (size != 0.0 && (size >= 1e6 || size < 1e-3)) return fmt::format("{:.0e}", value);
  if (size >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", value);
}

std::vector<std::pair<double, double>> thinned(
    const std::vector<std::pair<double, double>>& points) {
  if (points.size() <= kMostPoints) return points;
  std::vector<std::pair<double, double>> kept;
  for (std::size_t i = 0; i < kMostPoints; ++i) {
    kept.push_back(points[i * (points.size() - 1) / (kMostPoints - 1)]);
  }
  return kept;
}

std::string axes_svg(const ChartFrame& frame, const LineChart& chart) {
  std::string svg;
  for (const double tick : round_ticks(frame.y.low, frame.y.high, 6)) {
    const double y = frame.place_y(tick);
    svg += fmt::format(
        "<line class=\"rule\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", kLeft, y,
        kWidth - kRight, y);
    svg +=
        fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
                    kLeft - 5, y + 3.5, tick_text(tick));
  }
  for (const double tick : round_ticks(frame.x.low, frame.x.high, 4)) {
    svg += fmt::format(
        "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
        frame.place_x(tick), kHeight - kBottom + 14, tick_text(tick));
  }
  svg += fmt::format("<text class=\"chart-title\" x=\"{:.1f}\" y=\"14\">{}</text>", kLeft,
                     html_text(chart.title));
  svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
                     kWidth - kRight, kHeight - 5, html_text(chart.x_label));
  return svg;
}

std::string series_svg(const ChartFrame& frame, const ChartSeries& series) {
  if (series.points.size() == 1) {
    const auto& [x, y] = series.points.front();
    return fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>",
                       series.css_class, frame.place_x(x), frame.place_y(y));
  }
  std::string places;
  for (const auto& [x, y] : thinned(series.points)) {
    if (!places.empty()) places += ' ';
    places += fmt::format("{:.1f},{:.1f}", frame.place_x(x), frame.place_y(y));
  }
  return fmt::format("<polyline class=\"{}\" points=\"{}\"/>", series.css_class, places);
}

// One entry for each label, left to right under the x axis.
std::string key_svg(const LineChart& chart) {
  std::string svg;
  std::vector<std::string> told;
  double x = kLeft;
  for (const auto& series : chart.series) {
    if (series.label.empty() || series.points.empty()) continue;
    if (std::find(told.begin(), told.end(), series.label) != told.end()) continue;
    told.push_back(series.label);
    svg +=
        fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>",
                    series.css_class, x, kHeight - 8.5, x + 14, kHeight - 8.5);
    svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", x + 18,
                       kHeight - 5, html_text(series.label));
    constexpr double kLetter = 5.2;  // about the mean width of a letter at the ticks' size
    x += 30 + kLetter * static_cast<double>(series.label.size());
  }
  return svg;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::vector<double> round_ticks(double low, double high, int count) {
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  // A hair beyond the end, so that rounding does not drop the last tick; an exact 0 instead of -0.
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1.0) {
    ticks.push_back(i == 0.0 ? 0.0 : i * step);
  }
  return ticks;
}

std::string line_chart_svg(const LineChart& chart) {
  ChartFrame frame;
  for (const auto& series : chart.series) {
    for (const auto& [x, y] : series.points) {
      frame.x.take(x);
      frame.y.take(y);
    }
  }
  if (frame.x.low > frame.x.high) {
    return "<p class=\"missing\">" + html_text(chart.title) + ": no values on disk</p>";
  }
  frame.x.widen();
  frame.y.widen();
  const std::string told = fmt::format(
      "{}: {} to {} over {} {} to {}", chart.title, tick_text(frame.y.low), tick_text(frame.y.high),
      chart.x_label, tick_text(frame.x.low), tick_text(frame.x.high));
  std::string svg = fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">", kWidth,
      kHeight, html_text(told));
  svg += axes_svg(frame, chart);
  for (const auto& series : chart.series) {
    if (!series.points.empty()) svg += series_svg(frame, series);
  }
  return svg + key_svg(chart) + "</svg>";
}

}  // namespace ganselect
