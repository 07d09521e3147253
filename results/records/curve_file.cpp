#include "results/records/curve_file.h"

#include <charconv>
#include <sstream>
#include <string_view>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace {

std::vector<std::string> split_cells(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  std::vector<std::string> cells;
  for (;;) {
    const auto comma = line.find(',');
    cells.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> read_cell(const std::string& text, const std::string& where) {
  if (text.empty()) return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(ErrorKind::kData, {.where = where, .expected = "a number", .got = "'" + text + "'"});
  }
  return value;
}

}  // namespace

CurveColumns read_curve_columns(const std::filesystem::path& file) {
  std::istringstream lines(read_file(file));
  std::string line;
  if (!std::getline(lines, line)) {
    fail(ErrorKind::kData,
         {.where = file.string(), .expected = "a header line", .got = "an empty file"});
  }
  const std::vector<std::string> names = split_cells(line);
  CurveColumns curve;
  for (int number = 2; std::getline(lines, line); ++number) {
    const std::string where = file.string() + ": line " + std::to_string(number);
    const auto cells = split_cells(line);
    if (cells.size() != names.size()) {
      fail(ErrorKind::kData, {.where = where,
                              .expected = std::to_string(names.size()) + " cells",
                              .got = std::to_string(cells.size())});
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      curve.columns[names[i]].push_back(read_cell(cells[i], where));
    }
  }
  return curve;
}

}  // namespace ganselect
