// Answers and claims on the report page. Their JSON is made elsewhere: a key that is missing shows
// as a dash, and keys that are not known here are left out.
#include <algorithm>

#include "base/text.h"
#include "metrics/spec.h"
#include "results/report_parts.h"
#include "results/svg_chart.h"
#include "results/table_text.h"

namespace ganselect {
namespace {

constexpr const char* kDash = "–";

const Json& member(const Json& object, const std::string& key) {
  static const Json none = nullptr;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::optional<double> number_of(const Json& value) {
  return value.is_number() ? std::optional<double>(value.get<double>()) : std::nullopt;
}

// Three digits, without zeros at the end.
std::string short_number(double value) {
  std::string text = rounded(value, 3);
  if (text.find('.') == std::string::npos || text.find('e') != std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string number_cell_of(const Json& value) {
  return number_cell(value_text(value), number_of(value));
}

std::string text_cell(const Json& value) { return "<td>" + html_text(value_text(value)) + "</td>"; }

// A verdict's word is also its colour's class; the word itself always stands there.
std::string verdict_cell(const Json& value) {
  const std::string word = value_text(value);
  static const std::vector<std::string> classes = {"supported", "contradicted", "undecided"};
  const bool known = std::find(classes.begin(), classes.end(), word) != classes.end();
  return "<td" + (known ? " class=\"" + word + "\"" : std::string()) + ">" + html_text(word) +
         "</td>";
}

// Long lists of trial ids are folded away behind their number.
std::string evidence_cell(const Json& value) {
  if (!value.is_array() || value.empty()) return text_cell(value);
  return "<td><details><summary>" + std::to_string(value.size()) + "</summary>" +
         html_text(value_text(value)) + "</details></td>";
}

std::string understood_html(const Json& understood) {
  std::vector<std::string> parts;
  const Json& weights = member(understood, "weights");
  for (const auto& [name, weight] : weights.items()) {
    const bool counts = weights.is_object() && number_of(weight).value_or(1) > 0;
    if (counts) parts.push_back(name + " " + value_text(weight));
  }
  std::string text = "weights: " + (parts.empty() ? kDash : join(parts));
  const Json& constraints = member(understood, "constraints");
  parts.clear();
  if (constraints.is_array()) {
    for (const Json& limit : constraints) {
      parts.push_back(value_text(member(limit, "key")) + " " + value_text(member(limit, "op")) +
                      " " + value_text(member(limit, "value")));
    }
  }
  if (!parts.empty()) text += "; limits: " + join(parts);
  return "<p class=\"lead\">Understood as " + html_text(text) + ".</p>";
}

// The measures that an answer's table shows, where any candidate has them.
const std::vector<std::string>& answer_measures() {
  static const std::vector<std::string> names = {"fid",          "precision",    "recall",
                                                 "density",      "coverage",     "modes",
                                                 "memorization", "train_seconds"};
  return names;
}

// A plain number, or {"mean", "sd"}: "70.8", "70.8 ± 1.2".
std::string measure_cell(const Json& value) {
  const auto mean = number_of(value.is_object() ? member(value, "mean") : value);
  const auto sd = number_of(member(value, "sd"));
  if (!mean) return number_cell(kDash, std::nullopt);
  return number_cell(short_number(*mean) + (sd ? " ± " + short_number(*sd) : ""), mean);
}

// `protocol` names the detector that the columns of measures carry.
std::string ranking_html(const Json& ranking, const Json& protocol) {
  if (!ranking.is_array() || ranking.empty())
    return "<p class=\"missing\">No candidate meets the limits.</p>";
  std::vector<std::string> shown;
  for (const auto& name : answer_measures()) {
    const bool any = std::any_of(ranking.begin(), ranking.end(), [&](const Json& row) {
      return !member(member(row, "measures"), name).is_null();
    });
    if (any) shown.push_back(name);
  }
  std::vector<std::string> header = {"candidate", "rank",    "rank interval",
                                     "score",     "P(best)", "expected regret"};
  for (const auto& name : shown) header.push_back(display_name(name, protocol));
  header.insert(header.end(), {"trials", "the survey says"});
  std::string html = "<div class=\"scroll\"><table class=\"sortable\"><thead>" +
                     header_row(header, true) + "</thead><tbody>";
  for (const Json& row : ranking) {
    html += "<tr><th scope=\"row\">" + html_text(value_text(member(row, "candidate"))) + "</th>" +
            number_cell_of(member(row, "rank")) + text_cell(member(row, "rank_interval")) +
            number_cell_of(member(row, "score")) + number_cell_of(member(row, "p_best")) +
            number_cell_of(member(row, "expected_regret"));
    for (const auto& name : shown) html += measure_cell(member(member(row, "measures"), name));
    html += evidence_cell(member(row, "evidence")) + "<td class=\"said\">" +
            html_text(value_text(member(row, "survey_says"))) + "</td>" + "</tr>\n";
  }
  return html + "</tbody></table></div>";
}

std::string questions_html(const Json& questions) {
  if (!questions.is_array() || questions.empty()) return "";
  std::string html = "<h3>The four questions</h3><div class=\"scroll\"><table><thead>" +
                     header_row({"question", "answer", "effect", "95% interval", "trials",
                                 "the survey's answer", "verdict"},
                                false) +
                     "</thead><tbody>";
  for (const Json& row : questions) {
    html += "<tr><td>" + html_text(value_text(member(row, "question"))) +
            "</td><td class=\"answer\">" + html_text(value_text(member(row, "answer"))) + "</td>" +
            text_cell(member(row, "effect")) + text_cell(member(row, "interval")) +
            evidence_cell(member(row, "trials")) + text_cell(member(row, "survey_answer")) +
            verdict_cell(member(row, "verdict")) + "</tr>\n";
  }
  return html + "</tbody></table></div>";
}

}  // namespace

std::string value_text(const Json& value) {
  if (value.is_null()) return kDash;
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return short_number(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  std::vector<std::string> parts;
  for (const auto& [key, part] : value.items()) {
    parts.push_back(value.is_object() ? key + " " + value_text(part) : value_text(part));
  }
  // Two numbers are an interval.
  const bool interval =
      value.is_array() && value.size() == 2 && value[0].is_number() && value[1].is_number();
  if (interval) return "[" + join(parts) + "]";
  return parts.empty() ? "none" : join(parts);
}

std::string number_cell(const std::string& text, std::optional<double> value) {
  if (!value) return "<td class=\"none\">" + html_text(text) + "</td>";
  return "<td class=\"number\" data-value=\"" + shortest(*value) + "\">" + html_text(text) +
         "</td>";
}

std::string header_row(const std::vector<std::string>& names, bool sortable) {
  std::string html = "<tr>";
  for (const auto& name : names) {
    const std::string text = html_text(name);
    html += "<th scope=\"col\">" +
            (sortable ? "<button type=\"button\">" + text + "</button>" : text) + "</th>";
  }
  return html + "</tr>";
}

std::string answer_html(const Json& answer) {
  std::string html = "<section><h3>" + html_text(value_text(member(answer, "query"))) + "</h3>" +
                     understood_html(member(answer, "understood"));
  const Json& warnings = member(answer, "warnings");
  if (warnings.is_array()) {
    for (const Json& warning : warnings) {
      html += "<p class=\"warning\">" + html_text(warning_text(warning)) + "</p>";
    }
  }
  html += ranking_html(member(answer, "ranking"), member(member(answer, "evidence"), "protocol")) +
          questions_html(member(answer, "questions"));
  const Json& space = member(answer, "space");
  if (space.is_object()) {
    html += "<p>" + html_text(value_text(member(space, "remaining"))) + " of " +
            html_text(value_text(member(space, "total"))) +
            " valid points of the search space remain.</p>";
  }
  return html + "</section>";
}

std::string claims_html(const Json& claims) {
  if (!claims.is_array() || claims.empty()) return "<p class=\"missing\">No claim was tested.</p>";
  std::string html =
      "<div class=\"scroll\"><table class=\"sortable\"><thead>" +
      header_row({"claim", "what it says", "verdict", "effect", "95% interval", "p", "trials"},
                 true) +
      "</thead><tbody>";
  for (const Json& row : claims) {
    html += "<tr><th scope=\"row\">" + html_text(value_text(member(row, "id"))) + "</th>" +
            text_cell(member(row, "claim")) + verdict_cell(member(row, "verdict")) +
            number_cell_of(member(row, "effect")) + text_cell(member(row, "interval")) +
            number_cell_of(member(row, "p_value")) + evidence_cell(member(row, "trials")) +
            "</tr>\n";
  }
  return html + "</tbody></table></div>";
}

}  // namespace ganselect
