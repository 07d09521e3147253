#include "base/number_table.h"

#include <charconv>

#include "base/error.h"

namespace ganselect {
namespace {

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

std::optional<double> number_in(std::string_view cell, const std::string& where, std::size_t row,
                                const std::string& name) {
  if (cell.empty()) return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error == std::errc() && end == cell.data() + cell.size()) return value;
  fail(ErrorKind::kData, {.where = NumberTable::place(where, row, name),
                          .expected = "a number or nothing",
                          .got = "'" + std::string(cell) + "'"});
}

}  // namespace

std::string NumberTable::place(const std::string& where, std::size_t row, const std::string& name) {
  // The header is line 1.
  const auto line = where + ", line " + std::to_string(row + 2);
  return name.empty() ? line : line + ", " + name;
}

NumberTable parse_number_table(std::string_view text, const std::string& where) {
  if (text.empty())
    fail(ErrorKind::kData, {.where = where, .expected = "a header line", .got = "an empty file"});
  auto lines = split_at(text, '\n');
  if (!lines.back().empty()) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "a line break at the end", .got = "a last line cut short"});
  }
  lines.pop_back();
  NumberTable table;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto line = lines[i];
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto cells = split_at(line, ',');
    if (i == 0) {
      table.names.assign(cells.begin(), cells.end());
      continue;
    }
    if (cells.size() != table.names.size()) {
      fail(ErrorKind::kData, {.where = NumberTable::place(where, i - 1),
                              .expected = std::to_string(table.names.size()) + " cells",
                              .got = std::to_string(cells.size())});
    }
    std::vector<std::optional<double>> row;
    for (std::size_t c = 0; c < cells.size(); ++c)
      row.push_back(number_in(cells[c], where, i - 1, table.names[c]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace ganselect
