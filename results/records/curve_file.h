// Reads a trial's curve.csv as columns of numbers, for charts.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ganselect {

/// Columns by heading; all as long as one another. An empty cell is an absent value.
struct CurveColumns {
  std::map<std::string, std::vector<std::optional<double>>> columns;
};

/// Throws as parse_number_table (base/number_table.h).
CurveColumns read_curve_columns(const std::filesystem::path& file);

}  // namespace ganselect
