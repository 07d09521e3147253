// How commands print for people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "metrics/spec.h"

namespace ganselect {

// Columns as wide as their widest cell; the last one is folded to the width of the output.
class TextGrid {
 public:
  explicit TextGrid(std::vector<std::string> header);
  void add(std::vector<std::string> row);  // as many cells as the header
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Characters a line on standard output: of the terminal, else what COLUMNS says; nothing where
// neither tells.
std::optional<std::size_t> output_width();

// Whether the locale's texts (LC_ALL, LC_CTYPE, LANG) are UTF-8.
bool output_is_utf8();

// A value for people: four significant digits.
std::string short_number(double value);

// What an evaluation compared with what, and by which detector: a few lines.
std::string protocol_text(const std::string& source, const Json& protocol);

// The measures of one evaluation: name with its detector, value, interval where there is one, or
// the reason why there is none, one line of explanation. Not `full`: the leading ones and how many
// others there are.
std::string measures_text(const Measures& measures, bool full);

}  // namespace ganselect
