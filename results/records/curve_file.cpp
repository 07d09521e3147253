#include "results/records/curve_file.h"

#include "base/files.h"
#include "base/number_table.h"

namespace ganselect {

CurveColumns read_curve_columns(const std::filesystem::path& file) {
  const auto table = parse_number_table(read_file(file), file.string());
  CurveColumns curve;
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    auto& column = curve.columns[table.names[i]];
    for (const auto& row : table.rows) column.push_back(row[i]);
  }
  return curve;
}

}  // namespace ganselect
