#include "harness/train/curve.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {

namespace {

// A column every curve has: its name and the field it stands for.
struct CurveColumn {
  std::string_view name;
  std::optional<double> CurveRow::*field;
};

constexpr std::array<CurveColumn, 9> kCurveColumns = {{
    {"loss_d", &CurveRow::loss_d},
    {"loss_g", &CurveRow::loss_g},
    {"grad_norm_d", &CurveRow::grad_norm_d},
    {"grad_norm_g", &CurveRow::grad_norm_g},
    {"vanishing_share", &CurveRow::vanishing_share},
    {"critic_accuracy_real", &CurveRow::critic_accuracy_real},
    {"critic_accuracy_fake", &CurveRow::critic_accuracy_fake},
    {"critic_accuracy_heldout", &CurveRow::critic_accuracy_heldout},
    {"sample_diversity", &CurveRow::sample_diversity},
}};

// step, seconds, kCurveColumns, non_finite_step; measures follow.
constexpr std::size_t kFixedColumns = kCurveColumns.size() + 3;

std::vector<std::string> fixed_column_names() {
  std::vector<std::string> names = {"step", "seconds"};
  for (const auto& column : kCurveColumns) names.emplace_back(column.name);
  names.emplace_back("non_finite_step");
  return names;
}

std::string curve_cell(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? shortest(*value) : std::string();
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// Reads one cell as T; `where` names file, line and column.
template <class T>
std::optional<T> parse_cell(std::string_view cell, const std::string& where) {
  if (cell.empty()) return std::nullopt;
  T value{};
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "a number or nothing", .got = "'" + std::string(cell) + "'"});
  }
  return value;
}

template <class T>
T parse_required_cell(std::string_view cell, const std::string& where) {
  const auto value = parse_cell<T>(cell, where);
  if (!value)
    fail(ErrorKind::kData, {.where = where, .expected = "a number", .got = "an empty cell"});
  return *value;
}

CurveRow parse_row(std::string_view line, const std::vector<std::string>& names,
                   const std::string& where) {
  const auto cells = split_at(line, ',');
  if (cells.size() != names.size()) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = std::to_string(names.size()) + " cells",
                            .got = std::to_string(cells.size())});
  }
  const auto place = [&](std::size_t i) { return where + ", " + names[i]; };
  CurveRow row;
  row.step = parse_required_cell<std::int64_t>(cells[0], place(0));
  row.seconds = parse_required_cell<double>(cells[1], place(1));
  for (std::size_t i = 0; i < kCurveColumns.size(); ++i) {
    row.*kCurveColumns[i].field = parse_cell<double>(cells[i + 2], place(i + 2));
  }
  row.non_finite_step =
      parse_cell<std::int64_t>(cells[kFixedColumns - 1], place(kFixedColumns - 1));
  for (std::size_t i = kFixedColumns; i < cells.size(); ++i) {
    if (const auto value = parse_cell<double>(cells[i], place(i))) {
      row.measures.emplace_back(names[i], *value);
    }
  }
  return row;
}

}  // namespace

std::optional<double> CurveRow::measure(std::string_view name) const {
  for (const auto& [key, value] : measures) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, double>> curve_values(const CurveRow& row) {
  std::vector<std::pair<std::string, double>> values;
  for (const auto& column : kCurveColumns) {
    if (const auto& value = row.*column.field; value && std::isfinite(*value))
      values.emplace_back(column.name, *value);
  }
  return values;
}

std::string curve_to_csv(const std::vector<CurveRow>& rows) {
  std::vector<std::string> measure_names;
  for (const auto& row : rows) {
    for (const auto& [name, value] : row.measures) {
      if (std::find(measure_names.begin(), measure_names.end(), name) == measure_names.end()) {
        measure_names.push_back(name);
      }
    }
  }
  std::string text = join(fixed_column_names(), ",");
  for (const auto& name : measure_names) text += "," + csv_field(name);
  text += "\n";
  for (const auto& row : rows) {
    text += std::to_string(row.step) + "," + shortest(row.seconds);
    for (const auto& column : kCurveColumns) text += "," + curve_cell(row.*column.field);
    text += "," + (row.non_finite_step ? std::to_string(*row.non_finite_step) : std::string());
    for (const auto& name : measure_names) text += "," + curve_cell(row.measure(name));
    text += "\n";
  }
  return text;
}

std::vector<CurveRow> curve_from_csv(std::string_view text, const std::string& where) {
  auto lines = split_at(text, '\n');
  if (!lines.back().empty()) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "a line break at the end", .got = "a last line cut short"});
  }
  lines.pop_back();
  std::vector<std::string> names;
  if (!lines.empty()) {
    for (const auto name : split_at(lines[0], ',')) names.emplace_back(name);
  }
  const auto fixed = fixed_column_names();
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    if (i >= names.size() || names[i] != fixed[i]) {
      fail(ErrorKind::kData,
           {.where = where,
            .expected = "column " + std::to_string(i + 1) + " named " + fixed[i],
            .got = i < names.size() ? "'" + names[i] + "'" : std::string("no such column")});
    }
  }
  std::vector<CurveRow> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string place = where + ", line " + std::to_string(i + 1);
    rows.push_back(parse_row(lines[i], names, place));
    if (rows.size() > 1 && rows[rows.size() - 2].step >= rows.back().step) {
      fail(ErrorKind::kData,
           {.where = place,
            .expected = "a step after " + std::to_string(rows[rows.size() - 2].step),
            .got = std::to_string(rows.back().step)});
    }
  }
  return rows;
}

void truncate_curve(std::vector<CurveRow>& rows, std::int64_t step) {
  std::erase_if(rows, [&](const CurveRow& row) { return row.step > step; });
}

}  // namespace ganselect
