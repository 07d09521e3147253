// Answers and claims on the report page. Their JSON is made elsewhere: a key that is missing shows
// as a dash, and keys that are not known here are left out.
#include <algorithm>

#include "base/text.h"
#include "metrics/spec.h"
#include "results/report/html.h"
#include "results/report/report_parts.h"
#include "results/tables/table_text.h"

namespace ganselect {
namespace {

constexpr const char* kDash = "–";
constexpr std::string_view kDoesNotWork = "does not work here";  // begins such a reason

const Json& member(const Json& object, const std::string& key) {
  static const Json none = nullptr;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::optional<double> number_of(const Json& value) {
  return value.is_number() ? std::optional<double>(value.get<double>()) : std::nullopt;
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

// The literature's verdict with its estimate, or why there is none.
std::string published_cell(const Json& row) {
  const Json& said = member(row, "literature");
  if (!said.is_object())
    return "<td class=\"said none\">" + html_text(value_text(member(row, "literature_reason"))) +
           "</td>";
  const std::string direction = value_text(member(said, "direction"));
  return "<td class=\"said\"><span class=\"" + html_text(direction) + "\">" + html_text(direction) +
         "</span>; " +
         html_text(value_text(member(said, "estimate")) + " " + value_text(member(said, "unit")) +
                   " (" + value_text(member(said, "interval")) + "), " +
                   value_text(member(said, "sources")) + " sources") +
         "</td>";
}

// The number of a claim's trials, on a button that lists them.
std::string trials_cell(const Json& trials, const std::string& claim) {
  if (!trials.is_array() || trials.empty()) return text_cell(trials);
  const std::string count = std::to_string(trials.size());
  return "<td class=\"number\" data-value=\"" + count +
         "\"><button type=\"button\" class=\"figure\" data-claim=\"" + html_text(claim) + "\">" +
         count + "</button></td>";
}

// "weights: diversity 0.7, quality 0.3; limits: labels == yes"
std::string weights_text(const Json& understood) {
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
  return text;
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
  return number_cell(trimmed_number(*mean) + (sd ? " ± " + trimmed_number(*sd) : ""), mean);
}

// "this loss: made against ..., SOURCE; weight-clip: ..."
std::string known_text(const Json& known) {
  if (!known.is_array() || known.empty()) return value_text(nullptr);
  std::vector<std::string> parts;
  for (const Json& note : known)
    parts.push_back(value_text(member(note, "of")) + ": " + value_text(member(note, "says")) +
                    ", " + value_text(member(note, "source")));
  return join(parts, "; ");
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
  header.insert(header.end(), {"trials", "the survey's claims on it", "known of it"});
  std::string html = "<div class=\"scroll\"><table class=\"sortable\"><thead>" +
                     header_row(header, true) + "</thead><tbody>";
  for (const Json& row : ranking) {
    html += "<tr><th scope=\"row\">" + html_text(value_text(member(row, "candidate"))) + "</th>" +
            number_cell_of(member(row, "rank")) + text_cell(member(row, "rank_interval")) +
            number_cell_of(member(row, "score")) + number_cell_of(member(row, "p_best")) +
            number_cell_of(member(row, "expected_regret"));
    for (const auto& name : shown) html += measure_cell(member(member(row, "measures"), name));
    html += evidence_cell(member(row, "evidence")) + "<td class=\"said\">" +
            html_text(value_text(member(row, "survey_says"))) + "</td><td class=\"said\">" +
            html_text(known_text(member(row, "known"))) + "</td></tr>\n";
  }
  return html + "</tbody></table></div>";
}

std::string questions_html(const Json& questions) {
  if (!questions.is_array() || questions.empty()) return "";
  std::string html = "<h3>The four questions</h3><div class=\"scroll\"><table><thead>" +
                     header_row({"question", "answer", "effect", "95% interval", "trials",
                                 "the survey's answer, in our words", "verdict"},
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

// Whoever does not work is named in the open; who only lacks what was asked for is folded away.
std::string left_out_html(const Json& answer) {
  std::string broken;
  std::vector<std::string> others;
  for (const char* key : {"excluded", "not_measured"}) {
    const Json& list = member(answer, key);
    if (!list.is_array()) continue;
    for (const Json& row : list) {
      const std::string reason = value_text(member(row, "reason"));
      const std::string name = value_text(member(row, "candidate"));
      if (reason.starts_with(kDoesNotWork)) {
        broken += "<li><b>" + html_text(name) + "</b>" +
                  html_text(reason.substr(kDoesNotWork.size())) + "</li>";
      } else {
        others.push_back(name + ": " + reason);
      }
    }
  }
  std::string html;
  if (!broken.empty()) html = "<h3>Does not work here</h3><ul class=\"broken\">" + broken + "</ul>";
  return html + folded_html("Outside the ranking", others);
}

// The first of an answer's ranking and what is known of its lead.
std::string preset_row(const Json& preset) {
  const std::string name = value_text(member(preset, "name"));
  std::string html =
      "<tr><th scope=\"row\"><button type=\"button\" class=\"figure\" data-preset=\"" +
      html_text(name) + "\">" + html_text(name) + "</button></th><td class=\"said\">" +
      html_text(weights_text(preset)) + "</td>";
  const Json& answer = member(preset, "answer");
  const Json& ranking = member(answer, "ranking");
  if (!ranking.is_array() || ranking.empty()) {
    const Json& error = member(answer, "error");
    return html + "<td class=\"none\" colspan=\"7\">" +
           html_text(error.is_null() ? "no candidate is left to rank" : value_text(error)) +
           "</td></tr>\n";
  }
  const Json& first = ranking.front();
  const auto share = number_of(member(first, "confidence"));
  return html + "<td class=\"said\">" + html_text(value_text(member(answer, "summary"))) +
         "</td><td class=\"answer name\">" + html_text(value_text(member(first, "candidate"))) +
         "</td>" + number_cell_of(member(first, "score")) +
         number_cell_of(member(first, "p_best")) + text_cell(member(first, "tied_with")) +
         "<td class=\"name\">" +
         html_text(value_text(ranking.size() > 1 ? member(ranking[1], "candidate") : Json())) +
         "</td><td>" + (share ? trimmed_number(100.0 * *share) + "%" : kDash) + "</td></tr>\n";
}

}  // namespace

std::string answer_html(const Json& answer, const std::string& id) {
  std::string html = "<section id=\"" + id + "\"><h3>" +
                     html_text(value_text(member(answer, "query"))) +
                     "</h3><p class=\"lead\">Understood as " +
                     html_text(weights_text(member(answer, "understood"))) + ".</p>";
  const Json& summary = member(answer, "summary");
  if (summary.is_string())
    html += "<p class=\"answer\">" + html_text(summary.get<std::string>()) + "</p>";
  html += ranking_html(member(answer, "ranking"), member(member(answer, "evidence"), "protocol")) +
          left_out_html(answer) + questions_html(member(answer, "questions"));
  const Json& space = member(answer, "space");
  if (space.is_object()) {
    html += "<p>" + html_text(value_text(member(space, "remaining"))) + " of " +
            html_text(value_text(member(space, "total"))) +
            " valid points of the search space remain.</p>";
  }
  std::vector<std::string> notes;
  const Json& warnings = member(answer, "warnings");
  if (warnings.is_array())
    for (const Json& warning : warnings) notes.push_back(warning_text(warning));
  return html + folded_html("Notes on this answer", notes) + "</section>";
}

std::string folded_html(const std::string& summary, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string html = "<details><summary>" + html_text(summary) + " (" +
                     std::to_string(lines.size()) + ")</summary>";
  for (const auto& line : lines) html += "<p class=\"warning\">" + html_text(line) + "</p>";
  return html + "</details>\n";
}

std::string presets_html(const Json& ranking) {
  const Json& presets = member(ranking, "presets");
  if (!presets.is_array() || presets.empty())
    return "<p class=\"missing\">No preset was answered.</p>";
  std::string html = "<div class=\"scroll\"><table><thead>" +
                     header_row({"preset", "asks for", "in a sentence", "first", "score", "P(best)",
                                 "tied with", "next", "evidence at hand"},
                                false) +
                     "</thead><tbody>";
  for (const Json& preset : presets) html += preset_row(preset);
  return html + "</tbody></table></div>";
}

std::string claims_html(const Json& claims) {
  if (!claims.is_array() || claims.empty()) return "<p class=\"missing\">No claim was tested.</p>";
  std::string html = "<div class=\"scroll\"><table class=\"sortable\"><thead>" +
                     header_row({"claim", "what it says", "verdict", "effect", "95% interval", "p",
                                 "trials", "published studies", "why"},
                                true) +
                     "</thead><tbody>";
  for (const Json& row : claims) {
    const Json& unit = member(row, "unit");
    const std::string id = value_text(member(row, "id"));
    const Json& trials = member(row, "trials");
    html += "<tr><th scope=\"row\">" + html_text(id) + "</th>" + text_cell(member(row, "claim")) +
            verdict_cell(member(row, "verdict")) +
            number_cell(value_text(member(row, "effect")) +
                            (unit.is_string() && member(row, "effect").is_number()
                                 ? " " + unit.get<std::string>()
                                 : ""),
                        number_of(member(row, "effect"))) +
            text_cell(member(row, "interval")) + number_cell_of(member(row, "p_value")) +
            trials_cell(trials, id) + published_cell(row) + "<td class=\"said\">" +
            html_text(value_text(member(row, "reason"))) + "</td></tr>\n";
  }
  return html + "</tbody></table></div>";
}

}  // namespace ganselect
