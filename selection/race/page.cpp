#include "selection/race/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "results/report/html.h"
#include "results/report/report_assets.h"
#include "results/report/sample_grid.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr double kWide = 760, kHigh = 320, kRim = 44;
constexpr std::size_t kSeries = 8;  // colors of the style sheet
constexpr GridSize kShownAtRung = {172, 138};

std::string color_of(std::size_t contender) {
  return fmt::format("var(--series-{})", contender % kSeries);
}

struct Point {
  double step = 0, level = 0;
};

// Mean level of a contender at each of its looks.
std::vector<Point> levels_of(const RaceState& state, std::size_t contender) {
  std::vector<Point> points;
  for (const auto& look : state.looks) {
    double sum = 0;
    int count = 0;
    for (const auto& entry : look.entries) {
      if (entry.contender != contender || !entry.level) continue;
      sum += *entry.level;
      ++count;
    }
    if (count > 0) points.push_back({static_cast<double>(look.step), sum / count});
  }
  return points;
}

struct Frame {
  double first = 0, last = 1, low = 0, high = 1;
  double x(double step) const {
    return kRim + (kWide - 2 * kRim) * (last > first ? (step - first) / (last - first) : 0.5);
  }
  double y(double level) const {
    return kHigh - kRim - (kHigh - 2 * kRim) * (high > low ? (level - low) / (high - low) : 0.5);
  }
};

Frame frame_of(const RaceState& state) {
  Frame frame;
  bool begun = false;
  for (std::size_t i = 0; i < state.contenders.size(); ++i) {
    for (const auto& point : levels_of(state, i)) {
      if (!begun) frame = {point.step, point.step, point.level, point.level};
      begun = true;
      frame.first = std::min(frame.first, point.step);
      frame.last = std::max(frame.last, point.step);
      frame.low = std::min(frame.low, point.level);
      frame.high = std::max(frame.high, point.level);
    }
  }
  return frame;
}

std::string chart_html(const RaceState& state) {
  const Frame frame = frame_of(state);
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"score of each contender at each look\" "
      "style=\"width:100%;max-width:{}px;height:auto\">",
      kWide, kHigh, kWide);
  for (const auto& rung : state.ladder) {
    const double x = frame.x(static_cast<double>(rung.end()));
    if (x > kWide - kRim + 1) continue;
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"var(--line)\"/>"
        "<text x=\"{0:.1f}\" y=\"{3}\" font-size=\"12\" fill=\"var(--soft)\" "
        "text-anchor=\"middle\">{4}</text>",
        x, kRim, kHigh - kRim, kHigh - kRim + 18, rung.end());
  }
  for (std::size_t i = 0; i < state.contenders.size(); ++i) {
    const auto points = levels_of(state, i);
    if (points.empty()) continue;
    std::string path;
    for (const auto& point : points)
      path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", frame.x(point.step),
                          frame.y(point.level));
    svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>",
                       path, color_of(i));
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"><title>{}</title></circle>",
        frame.x(points.back().step), frame.y(points.back().level), color_of(i),
        html_text(state.contenders[i].point));
  }
  svg += fmt::format(
      "<text x=\"{}\" y=\"{}\" font-size=\"12\" fill=\"var(--soft)\">score, higher is better "
      "(log)</text><text x=\"{}\" y=\"{}\" font-size=\"12\" fill=\"var(--soft)\" "
      "text-anchor=\"end\">generator updates</text></svg>",
      kRim, kRim - 14, kWide - kRim, kHigh - 8);
  return svg;
}

std::string why_out(const RaceState& state, std::size_t contender) {
  const RaceLook* look = nullptr;
  const auto* out = elimination_of(state, contender, &look);
  if (out == nullptr)
    return state.outcome && state.outcome->winner == contender ? "winner" : "still in";
  std::string text = fmt::format("out at update {}: {}", look->step, out->reason);
  if (out->chance) text += fmt::format(", {:.0f} % to end ahead of the leader", 100 * *out->chance);
  return text + "; " + out_reasons().at(out->reason).meaning;
}

std::string fid_cell(const RaceState& state, std::size_t contender) {
  std::optional<double> fid;
  for (const auto& look : state.looks) {
    for (const auto& entry : look.entries) {
      if (entry.contender == contender && entry.fid) fid = entry.fid;
    }
  }
  return number_cell(fid ? trimmed_number(*fid) : "-", fid);
}

std::string field_html(const RaceState& state) {
  std::string html =
      "<div class=\"scroll\"><table><thead>" +
      header_row({"contender", "what became of it", "last fid", "why it ran"}, false) +
      "</thead><tbody>";
  for (std::size_t i = 0; i < state.contenders.size(); ++i) {
    html += fmt::format(
        "<tr><th scope=\"row\"><span style=\"color:{}\">&#9632;</span> {}</th><td "
        "class=\"said\">{}</td>{}<td class=\"said\">{}</td></tr>",
        color_of(i), html_text(state.contenders[i].point), html_text(why_out(state, i)),
        fid_cell(state, i), html_text(state.contenders[i].why));
  }
  return html + "</tbody></table></div>";
}

std::string eyes_html(const RaceState& state) {
  std::string html =
      "<div class=\"scroll\"><table><thead>" +
      header_row({"detector", "fid of real images", "fid of noise", "sees", "blind to", ""},
                 false) +
      "</thead><tbody>";
  const auto cell = [](const std::optional<double>& value) {
    return number_cell(value ? trimmed_number(*value) : "-", value);
  };
  for (const auto& eye : state.eyes) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>{}{}<td>{}</td><td>{}</td><td>{}</td></tr>",
                        html_text(eye.detector), cell(eye.real), cell(eye.noise),
                        html_text(join(eye.sees)), html_text(join(eye.blind)),
                        html_text(eye.detector == state.detector ? "decides"
                                  : eye.usable                   ? ""
                                                                 : eye.reason));
  }
  return html + "</tbody></table></div>";
}

// Where the grid of a trial at a look lies: with the trial if it went no further.
std::optional<fs::path> grid_file(const RaceState& state, const fs::path& folder,
                                  std::size_t contender, std::int64_t step) {
  std::error_code unseen;
  const auto former = folder / former_folder(state, contender, 0, step) / "samples.png";
  if (fs::exists(former, unseen)) return former;
  std::int64_t last = 0;
  for (const auto& look : state.looks) {
    for (const auto& entry : look.entries) {
      if (entry.contender == contender) last = look.step;
    }
  }
  const bool trained_on =
      state.outcome && state.outcome->winner == contender && state.outcome->steps > last;
  const auto own = folder / trial_folder(state, contender, 0) / "samples.png";
  if (last == step && !trained_on && fs::exists(own, unseen)) return own;
  return std::nullopt;
}

std::string picture_html(const fs::path& file, const std::string& told) {
  try {
    const auto grid = png_grid(read_file(file), kShownAtRung, file.filename().string());
    return fmt::format(
        "<figure style=\"display:inline-block;margin:.5rem\"><img alt=\"samples of {0}\" "
        "width=\"{1}\" height=\"{2}\" style=\"image-rendering:pixelated\" "
        "src=\"data:{3};base64,{4}\"><figcaption class=\"note\">{0}</figcaption></figure>",
        html_text(told), grid.stored.width, grid.stored.height, grid.media,
        base64_text(grid.bytes));
  } catch (const Error& e) {
    return "<p class=\"missing\">" + html_text(told) + ": " + html_text(e.what()) + "</p>";
  }
}

// The looks that have grids: the ends of rungs.
std::string grids_html(const RaceState& state, const fs::path& folder) {
  std::string html;
  for (const auto& look : state.looks) {
    std::string shown;
    std::set<std::size_t> contenders;
    for (const auto& entry : look.entries) contenders.insert(entry.contender);
    for (const auto contender : contenders) {
      if (const auto file = grid_file(state, folder, contender, look.step))
        shown += picture_html(*file, state.contenders[contender].point);
    }
    if (!shown.empty()) html += fmt::format("<h3>Update {}</h3>{}", look.step, shown);
  }
  if (state.outcome) {
    const auto file = folder / state.outcome->folder / "samples.png";
    std::error_code unseen;
    if (fs::exists(file, unseen))
      html += fmt::format("<h3>The winner after {} updates</h3>{}", state.outcome->steps,
                          picture_html(file, state.contenders[state.outcome->winner].point));
  }
  return html.empty() ? "<p class=\"missing\">No sample grids are here.</p>" : html;
}

std::string notes_html(const RaceState& state) {
  auto notes = state.notes;
  if (state.outcome)
    notes.insert(notes.end(), state.outcome->notes.begin(), state.outcome->notes.end());
  std::string html;
  for (const auto& note : notes) html += "<p class=\"note\">" + html_text(note) + "</p>";
  return html;
}

std::string opening(const RaceState& state) {
  if (!state.outcome) return "The race is not over.";
  const auto& end = *state.outcome;
  std::string text =
      fmt::format("{} wins: {:.0f} % that it ends as the best of {}.",
                  state.contenders[end.winner].point, 100 * end.chance, state.contenders.size());
  std::vector<std::string> tied;
  for (const auto one : end.tied) tied.push_back(state.contenders[one].point);
  if (!tied.empty()) text += " It cannot be told from " + join(tied) + ".";
  return text;
}

}  // namespace

std::string race_page(const RaceState& state, const fs::path& folder) {
  const std::string data = state.settings.value("data", std::string("the data"));
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><meta "
      "http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"><title>Race on "
      "{0}</title><style>{1}</style></head><body><main><h1>Race on {0}</h1><p "
      "class=\"answer\">{2}</p><p class=\"lead\">Asked for: {3}.</p><h2>Contenders</h2>{4}<h2>Look "
      "by look</h2><p class=\"note\">Vertical lines are ends of rungs.</p>{5}<h2>Samples at the "
      "rungs</h2><p class=\"note\">The first samples of seed 0, not picked.</p>{6}<h2>Eyes</h2>"
      "<p class=\"note\">Each detector on these images: real ones against real ones, noise, and "
      "planted damage.</p>{7}<h2>Notes</h2>{8}</main></body></html>\n",
      html_text(data), report_assets().style, html_text(opening(state)),
      html_text(state.understood), field_html(state), chart_html(state), grids_html(state, folder),
      eyes_html(state), notes_html(state));
}

}  // namespace ganselect
