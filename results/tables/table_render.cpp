// The forms in which a table is written: JSON, CSV, Markdown, LaTeX.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "results/tables/table_text.h"
#include "results/tables/tables.h"

namespace ganselect {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json interval_json(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return Json::array({interval->low, interval->high});
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json difference_json(const std::optional<Difference>& difference) {
  if (!difference) return nullptr;
  return {{"mean", difference->mean},       {"interval", interval_json(difference->interval95)},
          {"method", difference->method},   {"n", difference->n_first},
          {"n_base", difference->n_second}, {"note", text_or_null(difference->note)}};
}

Json cell_json(const TableCell& cell) {
  return {{"mean", or_null(cell.summary.mean)},
          {"sd", or_null(cell.summary.sd)},
          {"n", cell.summary.n},
          {"trials", cell.summary.trials},
          {"interval", interval_json(cell.summary.interval95)},
          {"difference", difference_json(cell.to_base)},
          {"note", text_or_null(cell.note)}};
}

Json row_json(const SurveyTable& table, const TableRow& row) {
  Json json = {{"candidate", row.candidate},
               {"role", row.is_base ? "base" : "member"},
               {"membership", text_or_null(row.membership)},
               {"status", row.status},
               {"outcomes", Json(row.outcomes)},
               {"trials", row.trial_ids}};
  for (const char* aspect : {"application", "implementation", "behaviour"}) {
    Json part = Json::object();
    for (const auto& column : table.columns) {
      if (column.aspect != aspect) continue;
      part[column.key] = column.is_measure ? cell_json(row.cells.at(column.key))
                                           : text_or_null(row.texts.at(column.key));
    }
    json[aspect] = std::move(part);
  }
  return json;
}

Json column_json(const TableColumn& column) {
  Json json = {{"key", column.key},
               {"label", column.label},
               {"aspect", column.aspect},
               {"kind", column.is_measure ? "measure" : "text"}};
  if (column.is_measure) {
    json["unit"] = column.unit;
    json["direction"] = column.direction;
  }
  return json;
}

// ---- CSV

// A text that begins as a formula does would be computed by a spreadsheet: "-E fake" gets a minus
// sign proper, anything else a space before it.
std::string no_formula(std::string_view text) {
  if (text.empty() || std::string_view("-+=@").find(text.front()) == std::string_view::npos)
    return std::string(text);
  if (text.front() == '-') return "\u2212" + std::string(text.substr(1));
  return " " + std::string(text);
}

class CsvLine {
 public:
  void add(std::string_view text) { put(no_formula(text)); }
  void add(const std::optional<double>& value) { put(value ? shortest(*value) : std::string()); }
  // RFC 4180 ends every line with CR LF.
  std::string end() const { return line_ + "\r\n"; }

 private:
  void put(std::string_view cell) {
    if (!empty_) line_ += ",";
    empty_ = false;
    line_ += csv_field(cell);
  }

  std::string line_;
  bool empty_ = true;
};

const std::vector<std::string>& csv_outcomes() {
  static const std::vector<std::string> names = {"finished", "collapsed", "diverged", "failed"};
  return names;
}

// Every line carries the protocol, so that a line taken out of its table still says what it is.
struct SharedField {
  const char* heading;
  const char* pointer;
};
constexpr SharedField kSharedFields[] = {
    {"dataset", "/dataset/name"}, {"steps", "/budget/steps"}, {"batch", "/budget/batch"},
    {"width", "/budget/width"},   {"detector", "/detector"},  {"seeds", "/seeds"},
};

std::string shared_text(const Json& protocol, const char* pointer) {
  const Json::json_pointer place(pointer);
  if (!protocol.contains(place)) return "";
  const Json& value = protocol.at(place);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string csv_header(const SurveyTable& table) {
  CsvLine line;
  for (const char* name : {"table", "candidate", "role", "membership", "status"}) line.add(name);
  for (const auto& outcome : csv_outcomes()) line.add("trials_" + outcome);
  for (const auto& field : kSharedFields) line.add(field.heading);
  for (const auto& column : table.columns) {
    if (!column.is_measure) line.add(column.key);
  }
  for (const auto& column : table.columns) {
    if (!column.is_measure) continue;
    for (const char* part : {"mean", "sd", "n", "low", "high"}) line.add(column.key + "." + part);
    if (table.base) {
      for (const char* part :
           {"difference", "difference_low", "difference_high", "difference_method"}) {
        line.add(column.key + "." + part);
      }
    }
    line.add(column.key + ".note");
  }
  line.add("trials");
  return line.end();
}

void add_csv_cell(CsvLine& line, const TableCell& cell, bool with_difference) {
  const SeedSummary& summary = cell.summary;
  const auto low = [](const std::optional<Interval>& interval) {
    return interval ? std::optional<double>(interval->low) : std::nullopt;
  };
  const auto high = [](const std::optional<Interval>& interval) {
    return interval ? std::optional<double>(interval->high) : std::nullopt;
  };
  line.add(summary.mean);
  line.add(summary.sd);
  line.add(std::to_string(summary.n));
  line.add(low(summary.interval95));
  line.add(high(summary.interval95));
  if (with_difference) {
    const auto& difference = cell.to_base;
    line.add(difference ? std::optional<double>(difference->mean) : std::nullopt);
    line.add(difference ? low(difference->interval95) : std::nullopt);
    line.add(difference ? high(difference->interval95) : std::nullopt);
    line.add(difference ? difference->method : std::string());
  }
  line.add(cell.note);
}

std::string csv_row(const SurveyTable& table, const TableRow& row) {
  CsvLine line;
  line.add(std::to_string(table.number));
  line.add(row.candidate);
  line.add(row.is_base ? "base" : "member");
  line.add(row.membership);
  line.add(row.status);
  for (const auto& outcome : csv_outcomes()) {
    const auto found = row.outcomes.find(outcome);
    line.add(std::to_string(found == row.outcomes.end() ? 0 : found->second));
  }
  for (const auto& field : kSharedFields) line.add(shared_text(table.protocol, field.pointer));
  for (const auto& column : table.columns) {
    if (!column.is_measure) line.add(row.texts.at(column.key));
  }
  for (const auto& column : table.columns) {
    if (column.is_measure) add_csv_cell(line, row.cells.at(column.key), table.base.has_value());
  }
  line.add(join(row.trial_ids, " "));
  return line.end();
}

// ---- Markdown and LaTeX

std::string replaced(std::string_view text,
                     const std::vector<std::pair<std::string_view, std::string_view>>& rules) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& candidate) {
      return text.substr(i, candidate.first.size()) == candidate.first;
    });
    if (rule == rules.end()) {
      out += text[i++];
    } else {
      out += rule->second;
      i += rule->first.size();
    }
  }
  return out;
}

std::string markdown_text(std::string_view text) {
  return replaced(text, {{"|", "\\|"}, {"*", "\\*"}, {"<", "&lt;"}, {"\n", " "}});
}

std::string latex_text(std::string_view text) {
  return replaced(text, {{"\\", "\\textbackslash{}"},
                         {"&", "\\&"},
                         {"%", "\\%"},
                         {"$", "\\$"},
                         {"#", "\\#"},
                         {"_", "\\_\\allowbreak{}"},
                         {"{", "\\{"},
                         {"}", "\\}"},
                         {"~", "\\textasciitilde{}"},
                         {"^", "\\textasciicircum{}"},
                         {"<", "\\textless{}"},
                         {">", "\\textgreater{}"},
                         {"|", "\\textbar{}"},
                         {"±", "$\\pm$"},
                         {"↓", "$\\downarrow$"},
                         {"↑", "$\\uparrow$"},
                         {"−", "$-$"},
                         {"×", "$\\times$"},
                         {"≤", "$\\le$"},
                         {"≥", "$\\ge$"},
                         {"\n", " "}});
}

std::string markdown_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const auto& cell : cells) line += " " + markdown_text(cell) + " |";
  return line + "\n";
}

std::string markdown_grid(const TableGrid& grid) {
  std::string text = "### " + markdown_text(grid.title) + "\n\n";
  if (!grid.rows.empty()) {
    text += markdown_line(grid.header) + "|";
    for (std::size_t i = 0; i < grid.header.size(); ++i) text += " --- |";
    text += "\n";
    for (const auto& row : grid.rows) text += markdown_line(row);
    text += "\n";
  }
  for (const auto& note : grid.notes) text += markdown_text(note) + "\n\n";
  return text;
}

// Columns of a LaTeX grid that stand side by side on a page: the first, which names the row, and
// some of the others. Widths in characters of the small type that the tables are set in.
struct LatexColumns {
  std::vector<std::size_t> columns;
  std::vector<std::size_t> widths;
};

constexpr std::size_t kLatexLine = 78;    // characters across a page
constexpr std::size_t kLatexColumn = 26;  // a wider one is wrapped
constexpr std::size_t kLatexBetween = 2;  // between two columns

std::size_t latex_width(const TableGrid& grid, std::size_t column) {
  std::size_t width = printed_width(grid.header[column]);
  for (const auto& row : grid.rows) width = std::max(width, printed_width(row[column]));
  return std::min(width, kLatexColumn);
}

std::vector<LatexColumns> latex_parts(const TableGrid& grid) {
  const std::size_t first = latex_width(grid, 0);
  std::vector<LatexColumns> parts;
  std::size_t used = 0;
  for (std::size_t i = 1; i < grid.header.size(); ++i) {
    const std::size_t width = latex_width(grid, i);
    if (parts.empty() || used + kLatexBetween + width > kLatexLine) {
      parts.push_back({{0}, {first}});
      used = first;
    }
    parts.back().columns.push_back(i);
    parts.back().widths.push_back(width);
    used += kLatexBetween + width;
  }
  if (parts.empty()) parts.push_back({{0}, {first}});
  return parts;
}

// A longtable, which goes on over pages.
std::string latex_part(const TableGrid& grid, const LatexColumns& part) {
  const auto line = [&](const std::vector<std::string>& cells) {
    std::vector<std::string> escaped;
    for (const auto column : part.columns) escaped.push_back(latex_text(cells[column]));
    return join(escaped, " & ") + " \\\\\n";
  };
  std::string text = "\\begin{longtable}{";
  for (const auto width : part.widths)
    text += width < kLatexColumn
                ? std::string("l")
                : ">{\\raggedright\\arraybackslash}p{" +
                      fmt::format("{:.1f}", 0.47 * static_cast<double>(width)) + "em}";
  text += "}\n\\toprule\n" + line(grid.header) + "\\midrule\n\\endhead\n";
  for (const auto& row : grid.rows) text += line(row);
  return text + "\\bottomrule\n\\end{longtable}\n";
}

std::string latex_grid(const TableGrid& grid) {
  std::string text = "\\paragraph{" + latex_text(grid.title) + "}\n";
  if (!grid.rows.empty()) {
    text += "{\\scriptsize\\setlength{\\tabcolsep}{3pt}\\setlength{\\LTleft}{0pt}\n";
    for (const auto& part : latex_parts(grid)) text += latex_part(grid, part);
    text += "}\n";
  }
  for (const auto& note : grid.notes) text += latex_text(note) + "\n\n";
  return text + "\n";
}

std::string json_text(const SurveyTable& table) { return table_to_json(table).dump(2) + "\n"; }

}  // namespace

Json table_to_json(const SurveyTable& table) {
  Json json = {{"schema_version", kTableSchemaVersion},
               {"kind", "table"},
               {"table", table.number},
               {"title", table.title},
               {"base", or_null(table.base)},
               {"protocol", table.protocol}};
  json["columns"] = Json::array();
  for (const auto& column : table.columns) json["columns"].push_back(column_json(column));
  json["rows"] = Json::array();
  for (const auto& row : table.rows) json["rows"].push_back(row_json(table, row));
  json["legend"] = Json::array();
  for (const auto& entry : table.legend)
    json["legend"].push_back({{"name", entry.name}, {"text", entry.text}});
  json["warnings"] = table.warnings;
  return json;
}

std::string table_to_csv(const SurveyTable& table) {
  std::string text = csv_header(table);
  for (const auto& row : table.rows) text += csv_row(table, row);
  return text;
}

std::string table_to_markdown(const SurveyTable& table) {
  std::string text = "## " + markdown_text(table.title) + "\n\n";
  for (const auto& grid : text_grids(table)) text += markdown_grid(grid);
  if (!table.warnings.empty()) {
    text += "### Warnings\n\n";
    for (const auto& warning : table.warnings) text += "- " + markdown_text(warning) + "\n";
    text += "\n";
  }
  text += "### Legend\n\n";
  for (const auto& entry : table.legend) {
    text += "- **" + markdown_text(entry.name) + "**: " + markdown_text(entry.text) + "\n";
  }
  return text;
}

std::string table_to_latex(const SurveyTable& table) {
  // Names of measures are long words: loose lines in place of such that leave the page.
  std::string text =
      "% needs \\usepackage{array,booktabs,longtable}\n\\begingroup\\sloppy\n\\subsection*{" +
      latex_text(table.title) + "}\n\n";
  for (const auto& grid : text_grids(table)) text += latex_grid(grid);
  if (!table.warnings.empty()) {
    text += "\\paragraph{Warnings}\n\\begin{itemize}\n";
    for (const auto& warning : table.warnings) text += "\\item " + latex_text(warning) + "\n";
    text += "\\end{itemize}\n";
  }
  text += "\\paragraph{Legend}\n\\begin{description}\n";
  for (const auto& entry : table.legend) {
    text += "\\item[{" + latex_text(entry.name) + "}] " + latex_text(entry.text) + "\n";
  }
  return text + "\\end{description}\n\\endgroup\n";
}

const NamedTable<TableFormat>& table_formats() {
  static const NamedTable<TableFormat> table("format", {{"json", ".json", &json_text},
                                                        {"csv", ".csv", &table_to_csv, false},
                                                        {"md", ".md", &table_to_markdown},
                                                        {"latex", ".tex", &table_to_latex}});
  return table;
}

std::string render_tables(const TableFormat& format, std::span<const SurveyTable> tables) {
  if (tables.size() == 1) return format.render(tables.front());
  if (!format.joins) {
    fail(ErrorKind::kUsage,
         {.where = "tables",
          .expected = "one table where " + format.name + " goes to standard output, as --table 3",
          .got = std::to_string(tables.size()) + " tables, whose columns differ",
          .hint = "--out DIR writes a file for each"});
  }
  if (format.render == &json_text) {
    Json all = Json::array();
    for (const auto& table : tables) all.push_back(table_to_json(table));
    return all.dump(2) + "\n";
  }
  std::string text;
  for (const auto& table : tables) text += (text.empty() ? "" : "\n") + format.render(table);
  return text;
}

}  // namespace ganselect
