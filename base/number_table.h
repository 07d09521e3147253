// Comma-separated tables of numbers with one header line, as curve.csv.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ganselect {

struct NumberTable {
  std::vector<std::string> names;                        // of the columns
  std::vector<std::vector<std::optional<double>>> rows;  // an empty cell is an absent value

  // "FILE, line 3, step"
  static std::string place(const std::string& where, std::size_t row, const std::string& name = "");
};

// `where` names the file in messages. kData for a text without a header or without a line break at
// its end, a line with another number of cells than the header, or a cell that is not a number.
NumberTable parse_number_table(std::string_view text, const std::string& where);

}  // namespace ganselect
