#include "harness/train/curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "base/number_table.h"
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

// The value of a cell that counts something.
std::optional<std::int64_t> whole(std::optional<double> value, const std::string& where) {
  if (!value) return std::nullopt;
  if (std::abs(*value) < 0x1p53 && *value == std::floor(*value))
    return static_cast<std::int64_t>(*value);
  fail(ErrorKind::kData,
       {.where = where, .expected = "a whole number", .got = "'" + shortest(*value) + "'"});
}

template <class T>
T present(const std::optional<T>& value, const std::string& where) {
  if (value) return *value;
  fail(ErrorKind::kData, {.where = where, .expected = "a number", .got = "an empty cell"});
}

CurveRow row_of(const NumberTable& table, std::size_t number, const std::string& where) {
  const auto& cells = table.rows[number];
  const auto place = [&](std::size_t i) {
    return NumberTable::place(where, number, table.names[i]);
  };
  CurveRow row;
  row.step = present(whole(cells[0], place(0)), place(0));
  row.seconds = present(cells[1], place(1));
  for (std::size_t i = 0; i < kCurveColumns.size(); ++i) row.*kCurveColumns[i].field = cells[i + 2];
  row.non_finite_step = whole(cells[kFixedColumns - 1], place(kFixedColumns - 1));
  for (std::size_t i = kFixedColumns; i < cells.size(); ++i) {
    if (cells[i]) row.measures.emplace_back(table.names[i], *cells[i]);
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
  const auto table = parse_number_table(text, where);
  const auto fixed = fixed_column_names();
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    if (i < table.names.size() && table.names[i] == fixed[i]) continue;
    fail(ErrorKind::kData,
         {.where = where,
          .expected = "column " + std::to_string(i + 1) + " named " + fixed[i],
          .got = i < table.names.size() ? "'" + table.names[i] + "'" : "no such column"});
  }
  std::vector<CurveRow> rows;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    rows.push_back(row_of(table, i, where));
    if (i > 0 && rows[i - 1].step >= rows[i].step) {
      fail(ErrorKind::kData, {.where = NumberTable::place(where, i),
                              .expected = "a step after " + std::to_string(rows[i - 1].step),
                              .got = std::to_string(rows[i].step)});
    }
  }
  return rows;
}

void truncate_curve(std::vector<CurveRow>& rows, std::int64_t step) {
  std::erase_if(rows, [&](const CurveRow& row) { return row.step > step; });
}

}  // namespace ganselect
