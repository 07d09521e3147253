// `list` and `explain`: what the program knows, before anything is measured.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/text.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "metrics/spec.h"
#include "models/candidate_json.h"
#include "models/candidates.h"
#include "models/candidates_page.h"
#include "models/explain.h"
#include "results/tables/tables.h"

namespace ganselect {
namespace {

struct ListFlags {
  int table = 0;
  bool space = false;
  bool page = false;
  bool json = false;
};

std::vector<CandidateSpec> listed(const ListFlags& flags) {
  if (flags.space) return valid_points();
  std::vector<CandidateSpec> chosen;
  for (const auto& candidate : candidates()) {
    const auto& tables = candidate.tables;
    if (flags.table == 0 || std::find(tables.begin(), tables.end(), flags.table) != tables.end())
      chosen.push_back(candidate);
  }
  return chosen;
}

std::string join_or_dash(const std::vector<std::string>& parts) {
  return parts.empty() ? "-" : join(parts, "+");
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t most = 0;
  for (std::string line; std::getline(lines, line);) most = std::max(most, printed_width(line));
  return most;
}

// Where the output is too narrow for a column each, all but the name stand in one that is folded.
std::string candidate_grid(const std::vector<CandidateSpec>& rows) {
  TextGrid grid({"candidate", "architecture", "loss", "regularization", "divergence",
                 "tables (mostly inferred)", "source"});
  TextGrid narrow({"candidate",
                   "architecture; loss; regularization; divergence; tables (mostly inferred); "
                   "source"});
  for (const auto& c : rows) {
    const Json json = candidate_to_json(c);
    std::vector<std::string> tables;
    for (const int table : c.tables) tables.push_back(std::to_string(table));
    const std::string divergence =
        json["divergence"].is_string() ? json["divergence"].get<std::string>() : "-";
    const std::string member = c.extension ? "extension" : (tables.empty() ? "-" : join(tables));
    std::vector<std::string> row = {c.architecture, c.loss, join_or_dash(c.regularization),
                                    divergence,     member, c.source};
    narrow.add({c.name, join(row, "; ")});
    row.insert(row.begin(), c.name);
    grid.add(std::move(row));
  }
  const auto wide = grid.text();
  const auto width = output_width();
  return width && *width < widest_line(wide) ? narrow.text() : wide;
}

// {"2": "title", "1": "inferred"}: how it is known that each of `tables` holds the candidate.
Json membership_json(const CandidateSpec& candidate) {
  Json json = Json::object();
  for (const int number : candidate.tables) {
    const auto& spec = table_specs().at(std::to_string(number));
    json[spec.name] = table_membership(spec, candidate.name);
  }
  return json;
}

std::string space_summary() {
  const SpaceCount count = space_count();
  std::string text =
      fmt::format("{} valid points of {} combinations\n", count.valid, count.combinations);
  for (const auto& refused : count.refused)
    text += fmt::format("  {:>5} refused: {}\n", refused.count, refused.rule);
  return text;
}

int run_list(const ListFlags& flags) {
  if (flags.page) {
    print_result(candidates_markdown());
    return 0;
  }
  const auto rows = listed(flags);
  if (flags.json) {
    Json list = Json::array();
    for (const auto& row : rows) {
      list.push_back(candidate_to_json(row));
      list.back()["table_membership"] = membership_json(row);
    }
    print_result(list.dump(2) + "\n");
  } else if (flags.space) {
    std::string text = space_summary();
    for (const auto& row : rows) text += row.name + "\n";
    print_result(text);
  } else {
    constexpr std::size_t kWide = 150;  // of a line where nothing tells
    print_result(candidate_grid(rows) + "\n" +
                 wrapped("tables: of the survey's the titles are known to us, not the rows; most "
                         "members are inferred, and --json says which (table_membership)",
                         output_width().value_or(kWide), 0, 0));
  }
  return 0;
}

std::string explain_text(const Explanation& explanation) {
  std::string text = fmt::format("{} ({})\n", explanation.name, explanation.kind);
  for (const auto& [heading, body] : explanation.sections) {
    text += "\n" + heading + "\n";
    std::string indented = "  ";
    for (const char c : body) {
      indented += c;
      if (c == '\n') indented += "  ";
    }
    text += indented + "\n";
  }
  return text;
}

Explanation explain_measure(const MetricSpec& spec) {
  Explanation explanation{"measure", spec.name, {}};
  const std::string better = spec.direction == Direction::kNone
                                 ? "neither side is better by itself"
                                 : std::string(direction_name(spec.direction)) + " is better";
  explanation.sections = {
      {"What it is", spec.explanation},
      {"Formula", spec.formula},
      {"Range and direction",
       spec.range + "; " + better + (spec.unit.empty() ? "" : "; in " + spec.unit)},
      {"Computed from", spec.needs},
      {"Source", spec.source}};
  return explanation;
}

int run_explain(const std::string& name, bool json) {
  auto found = explain_model(name);
  if (const auto* spec = find_metric_spec(name)) found.push_back(explain_measure(*spec));
  if (found.empty()) {
    auto valid = explainable_model_names();
    for (const auto& spec : metric_specs()) valid.push_back(spec.name);
    const auto nearest = nearest_name(name, valid);
    fail(ErrorKind::kUsage,
         {.where = "explain",
          .expected = "a candidate, point, loss, regularizer, divergence, architecture or measure",
          .got = "'" + name + "'",
          .hint = nearest ? "did you mean '" + *nearest + "'?"
                          : "ganselect list shows the candidates"});
  }
  if (json) {
    Json list = Json::array();
    for (const auto& explanation : found) {
      Json sections = Json::object();
      for (const auto& [heading, body] : explanation.sections) sections[heading] = body;
      list.push_back(
          {{"kind", explanation.kind}, {"name", explanation.name}, {"sections", sections}});
    }
    print_result(list.dump(2) + "\n");
    return 0;
  }
  std::string text;
  for (const auto& explanation : found)
    text += (text.empty() ? "" : "\n\n") + explain_text(explanation);
  print_result(text);
  return 0;
}

}  // namespace

CommandAction attach_list(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<ListFlags>();
  app.add_option("--table", flags->table, "only the candidates of this table")
      ->check(CLI::Range(1, 7));
  app.add_flag("--space", flags->space, "count and list every valid point of the search space");
  app.add_flag("--page", flags->page,
               "every named candidate with its source, settings and deviations, as Markdown");
  app.add_flag("--json", flags->json, "as JSON");
  return [flags] { return run_list(*flags); };
}

CommandAction attach_explain(CLI::App& app, const GlobalFlags&) {
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  app.add_option("name", *name,
                 "candidate, point, loss, regularizer, divergence, architecture or measure")
      ->required();
  app.add_flag("--json", *json, "as JSON");
  return [name, json] { return run_explain(*name, *json); };
}

}  // namespace ganselect
