// The forest plot: published contrasts and own ones, one row a candidate, as a drawing in the page
// and as a table below it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "results/report/html.h"
#include "results/report/report_parts.h"

namespace ganselect {
namespace {

constexpr double kNames = 170, kPlot = 560, kRow = 26, kTop = 34, kBottom = 46, kMargin = 24;

struct RatioRange {
  double ratio, low, high;
};

std::optional<RatioRange> ratio_of(const Json& side) {
  if (!side.is_object()) return std::nullopt;
  const Json& interval = side.at("interval");
  return RatioRange{side.at("ratio").get<double>(), interval[0].get<double>(),
                    interval[1].get<double>()};
}

// Ratios on a logarithmic axis.
class RatioAxis {
 public:
  explicit RatioAxis(const Json& rows) {
    for (const auto& row : rows) {
      for (const char* side : {"published", "own"}) {
        const auto range = ratio_of(row.at(side));
        if (!range) continue;
        low_ = std::min(low_, std::log(std::max(range->low, kFarthest)));
        high_ = std::max(high_, std::log(std::min(range->high, 1.0 / kFarthest)));
      }
    }
  }

  double at(double ratio) const {
    const double x = std::clamp(std::log(ratio), low_, high_);
    return kNames + kPlot * (x - low_) / (high_ - low_);
  }
  bool holds(double ratio) const {
    return std::log(ratio) >= low_ - 1e-9 && std::log(ratio) <= high_ + 1e-9;
  }

 private:
  static constexpr double kFarthest = 0.05;  // an interval beyond a factor of 20 is cut
  double low_ = std::log(0.5), high_ = std::log(2.0);
};

std::string side_svg(const Json& side, const RatioAxis& axis, double y, const char* kind) {
  const auto range = ratio_of(side);
  if (!range) return "";
  const double x = axis.at(range->ratio);
  std::string svg = fmt::format(
      "<line class=\"{0}\" x1=\"{1:.1f}\" x2=\"{2:.1f}\" y1=\"{3:.1f}\" "
      "y2=\"{3:.1f}\"/>",
      kind, axis.at(range->low), axis.at(range->high), y);
  if (std::string_view(kind) == "published")
    return svg + fmt::format(
                     "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"8\" "
                     "height=\"8\"/>",
                     kind, x - 4, y - 4);
  return svg +
         fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>", kind, x, y);
}

std::string axis_svg(const RatioAxis& axis, double bottom, const std::string& title) {
  std::string svg;
  for (const double ratio : {0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0}) {
    if (!axis.holds(ratio)) continue;
    const double x = axis.at(ratio);
    svg += fmt::format(
        "<line class=\"{0}\" x1=\"{1:.1f}\" x2=\"{1:.1f}\" y1=\"{2:g}\" "
        "y2=\"{3:.1f}\"/><text class=\"tick\" x=\"{1:.1f}\" y=\"{4:.1f}\" "
        "text-anchor=\"middle\">{5:g}</text>",
        ratio == 1.0 ? "equal" : "tick", x, kTop - 8, bottom, bottom + 16, ratio);
  }
  return svg + fmt::format(
                   "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" "
                   "text-anchor=\"middle\">{}</text>",
                   kNames + kPlot / 2, bottom + 34, html_text(title));
}

std::string legend_svg() {
  return fmt::format(
      "<rect class=\"published\" x=\"{0:g}\" y=\"8\" width=\"8\" height=\"8\"/><text x=\"{1:g}\" "
      "y=\"16\">published studies</text><circle class=\"own\" cx=\"{2:g}\" cy=\"12\" "
      "r=\"4\"/><text "
      "x=\"{3:g}\" y=\"16\">own trials</text>",
      kNames, kNames + 14, kNames + 164, kNames + 174);
}

std::string forest_svg(const Json& forest) {
  const Json& rows = forest.at("rows");
  const RatioAxis axis(rows);
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  std::string svg = fmt::format(
      "<svg class=\"forest\" role=\"img\" aria-label=\"FID of each candidate beside {}: published "
      "studies and own trials\" viewBox=\"0 0 {:g} {:g}\" xmlns=\"http://www.w3.org/2000/svg\">",
      html_text(forest.at("reference").get<std::string>()), kNames + kPlot + kMargin,
      bottom + kBottom);
  svg += legend_svg() + axis_svg(axis, bottom,
                                 "FID over that of " + forest.at("reference").get<std::string>() +
                                     ": left of 1 is better");
  double y = kTop + kRow / 2;
  for (const auto& row : rows) {
    svg += fmt::format("<text class=\"name\" x=\"{:g}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
                       kNames - 10, y + 4, html_text(row.at("candidate").get<std::string>()));
    svg += side_svg(row.at("published"), axis, y - 5, "published") +
           side_svg(row.at("own"), axis, y + 5, "own");
    y += kRow;
  }
  return svg + "</svg>";
}

std::string ratio_cells(const Json& side, const char* count) {
  const auto range = ratio_of(side);
  if (!range) return "<td class=\"none\">–</td><td class=\"none\">–</td>";
  return number_cell(
             fmt::format("{:.2f} ({:.2f} to {:.2f})", range->ratio, range->low, range->high),
             range->ratio) +
         number_cell(value_text(side.at(count)), side.at(count).get<double>());
}

}  // namespace

std::string forest_html(const Json& forest) {
  if (!forest.is_object()) return "<p class=\"missing\">Published studies were not asked.</p>";
  const Json& rows = forest.at("rows");
  if (rows.empty())
    return "<p class=\"missing\">" + html_text(value_text(forest.at("reason"))) + "</p>";
  std::string html =
      "<figure class=\"drawing\"><div class=\"scroll\">" + forest_svg(forest) +
      "</div><figcaption class=\"note\">Ratio of FIDs, 95% interval of the mean: by a network "
      "meta-analysis of " +
      value_text(forest.at("studies")) + " studies from " + value_text(forest.at("sources")) +
      " sources, and by own trials over seeds. Published levels are of larger networks and other "
      "detectors; ratios within a study are what is compared. An interval beyond a factor of 20 is "
      "cut.</figcaption><details><summary>As a table</summary><div class=\"scroll\"><table "
      "class=\"sortable\"><thead>" +
      header_row({"candidate", "published ratio", "studies", "own ratio", "trials"}, true) +
      "</thead><tbody>";
  for (const auto& row : rows) {
    html += "<tr><th scope=\"row\">" + html_text(value_text(row.at("candidate"))) + "</th>" +
            ratio_cells(row.at("published"), "studies") + ratio_cells(row.at("own"), "trials") +
            "</tr>\n";
  }
  return html + "</tbody></table></div></details></figure>";
}

}  // namespace ganselect
