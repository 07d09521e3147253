// The validation study as one SVG: a panel a defect, one row for measures of distance (relative to
// their clean value, logarithmic), one for shares (as they are).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/validate/validation.h"
#include "results/report/html.h"

namespace ganselect {
namespace {

constexpr double kPanelWidth = 210, kPanelHeight = 150, kGapX = 50, kGapY = 62, kLeft = 60,
                 kTop = 46, kKeyHeight = 70;

struct PlotLine {
  std::string measure, color, dash;
};

const std::vector<PlotLine>& distance_lines() {
  static const std::vector<PlotLine> lines = {{"fid", "#0b5fa5", ""},
                                              {kPixelFid, "#0b5fa5", "5 3"},
                                              {"jsd", "#b3541e", ""},
                                              {"ndb", "#b3541e", "5 3"},
                                              {"mode_kl", "#777777", ""}};
  return lines;
}

const std::vector<PlotLine>& share_lines() {
  static const std::vector<PlotLine> lines = {{"precision", "#0b5fa5", ""},
                                              {"density", "#0b5fa5", "5 3"},
                                              {"recall", "#b3541e", ""},
                                              {"coverage", "#b3541e", "5 3"},
                                              {"memorization", "#222222", ""}};
  return lines;
}

// What the vertical axis shows of a value, and its ends.
struct PlotScale {
  double low, high;
  std::vector<double> ticks;
  bool relative;  // log10 of value over clean mean

  double of(double value, const CleanSpread& clean) const {
    const double shown =
        relative ? std::log10(std::max(value, 1e-9) / std::max(clean.mean, 1e-9)) : value;
    return std::clamp(shown, low, high);
  }
  std::string tick_text(double tick) const {
    return relative ? fmt::format("{:g}x", std::pow(10.0, tick)) : fmt::format("{:g}", tick);
  }
};

struct Panel {
  double x, y;  // of its upper left corner
  double column(std::size_t i, std::size_t count) const {
    return x + kPanelWidth * static_cast<double>(i) /
                   static_cast<double>(std::max<std::size_t>(count, 1));
  }
  double row(double value, const PlotScale& scale) const {
    return y + kPanelHeight * (1 - (value - scale.low) / (scale.high - scale.low));
  }
};

std::string svg_text(double x, double y, const std::string& text, const char* anchor,
                     int size = 11) {
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\">{}</text>\n", x, y,
      anchor, size, html_text(text));
}

std::string panel_frame(const Panel& panel, const PlotScale& scale, const PlantedDefect& defect) {
  std::string out;
  for (const double tick : scale.ticks) {
    const double y = panel.row(tick, scale);
    out += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#dddddd\"/>\n",
        panel.x, y, panel.x + kPanelWidth, y);
    out += svg_text(panel.x - 5, y + 4, scale.tick_text(tick), "end", 10);
  }
  const auto count = defect.levels.size();
  out += svg_text(panel.x, panel.y + kPanelHeight + 14, "clean", "middle", 10);
  for (std::size_t i = 0; i < count; ++i) {
    out += svg_text(panel.column(i + 1, count), panel.y + kPanelHeight + 14,
                    fmt::format("{:g}", defect.levels[i]), "middle", 10);
  }
  return out + svg_text(panel.x + kPanelWidth / 2, panel.y + kPanelHeight + 30, defect.unit,
                        "middle", 10);
}

std::string panel_line(const Panel& panel, const PlotScale& scale, const PlotLine& line,
                       const DefectCurve& curve, const CleanSpread& clean) {
  std::string points =
      fmt::format("{:.1f},{:.1f}", panel.x, panel.row(scale.of(clean.mean, clean), scale));
  for (std::size_t i = 0; i < curve.values.size(); ++i) {
    if (!curve.values[i]) continue;
    points += fmt::format(" {:.1f},{:.1f}", panel.column(i + 1, curve.values.size()),
                          panel.row(scale.of(*curve.values[i], clean), scale));
  }
  return fmt::format(
      "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"{}/>\n", points,
      line.color, line.dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", line.dash));
}

std::string plot_panel(const Validation& validation, const PlantedDefect& defect,
                       const Panel& panel, const PlotScale& scale,
                       const std::vector<PlotLine>& lines) {
  std::string out = panel_frame(panel, scale, defect);
  for (const auto& line : lines) {
    for (const auto& curve : validation.curves) {
      if (curve.defect != defect.name || curve.measure != line.measure) continue;
      for (const auto& card : validation.cards.cards) {
        if (card.measure == line.measure) out += panel_line(panel, scale, line, curve, card.clean);
      }
    }
  }
  return out;
}

std::string plot_key(double x, double y, const std::vector<PlotLine>& lines) {
  std::string out;
  for (const auto& line : lines) {
    out += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
        "stroke-width=\"1.8\"{}/>\n",
        x, y - 4, x + 26, y - 4, line.color,
        line.dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", line.dash));
    out += svg_text(x + 32, y, line.measure, "start");
    x += 130;
  }
  return out;
}

}  // namespace

std::string validation_svg(const Validation& validation) {
  const PlotScale distances{-1, 3, {-1, 0, 1, 2, 3}, true}, shares{0, 1.2, {0, 0.5, 1}, false};
  const auto count = static_cast<double>(validation.cards.defects.size());
  const double width = kLeft + count * (kPanelWidth + kGapX), second = kTop + kPanelHeight + kGapY,
               height = second + kPanelHeight + kGapY + kKeyHeight;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" "
      "height=\"{:.0f}\" font-family=\"sans-serif\" role=\"img\">\n<title>Measures under planted "
      "defects</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height, width, height);
  for (std::size_t d = 0; d < validation.cards.defects.size(); ++d) {
    const auto& defect = validation.cards.defects[d];
    const double x = kLeft + static_cast<double>(d) * (kPanelWidth + kGapX);
    out += svg_text(x + kPanelWidth / 2, kTop - 14, defect.name, "middle", 14);
    out += plot_panel(validation, defect, {x, kTop}, distances, distance_lines());
    out += plot_panel(validation, defect, {x, second}, shares, share_lines());
  }
  const double key = second + kPanelHeight + kGapY;
  out += plot_key(kLeft, key, distance_lines());
  out += svg_text(kLeft + 660, key, "above: times the clean value, logarithmic", "start");
  out += plot_key(kLeft, key + 24, share_lines());
  out += svg_text(kLeft + 660, key + 24, "below: values as they are, cut off at 1.2", "start");
  return out + "</svg>\n";
}

}  // namespace ganselect
