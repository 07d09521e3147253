// What a reader sees first: the recommendation in a sentence, how sure it is, and pictures.
#include <fmt/format.h>

#include "results/report/html.h"
#include "results/report/report_parts.h"

namespace ganselect {
namespace {

std::string text_of(const Json& answer, const char* key) {
  const auto found = answer.find(key);
  return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string line_html(const char* of, const std::string& text) {
  if (text.empty()) return "";
  return std::string("<p class=\"") + of + "\">" + html_text(text) + "</p>";
}

// Facts of the asker's data that no trial is of.
std::string unmeasured_html(const Json& answer) {
  const auto facts = answer.find("no_evidence_of");
  if (facts == answer.end() || facts->empty()) return "";
  return line_html("sure", "Not measured here: " + value_text(*facts) + ".");
}

std::string opening_picture(const std::string& candidate, const ShownGrids& grids) {
  const std::string name = "<figcaption><b>" + html_text(candidate) + "</b>";
  const auto found = grids.find(candidate);
  if (found == grids.end())
    return "<figure>" + name +
           "<p class=\"missing\">no sample grid on disk</p></figcaption>"
           "</figure>";
  const ShownGrid& grid = found->second;
  return "<figure>" + grid_window_html(candidate, grid, "<use href=\"#" + grid.id + "\"/>") + name +
         (grid.outcome == "finished"
              ? std::string()
              : " <span class=\"" + grid.outcome + "\">" + grid.outcome + "</span>") +
         " <span class=\"note\">" + html_text(grid.told) + "</span></figcaption></figure>";
}

}  // namespace

std::string grid_window_html(const std::string& label, const ShownGrid& grid,
                             const std::string& inside) {
  return fmt::format(
      "<svg class=\"{}\" role=\"img\" aria-label=\"samples of {}\" viewBox=\"0 0 {} "
      "{}\">{}</svg>",
      grid.outcome == "finished" ? "grid" : "grid lost", html_text(label), grid.shown.width,
      grid.shown.height, inside);
}

std::string opening_html(const Json& answer, const ShownGrids& grids) {
  const std::string sure = text_of(answer, "how_sure");
  std::string html = unmeasured_html(answer) + line_html("summary", text_of(answer, "summary")) +
                     line_html("missing", text_of(answer, "error")) +
                     line_html("sure", sure.empty() ? sure : "How sure: " + sure) +
                     line_html("sure", text_of(answer, "published_says")) +
                     "<div class=\"pictures\">";
  const auto names = answer.find("shortlist");
  if (names != answer.end())
    for (const Json& name : *names) html += opening_picture(name.get<std::string>(), grids);
  return html + "</div>";
}

}  // namespace ganselect
