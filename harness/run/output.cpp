#include "harness/run/output.h"

#include <fmt/format.h>

#include <algorithm>

namespace ganselect {

TextGrid::TextGrid(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void TextGrid::add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

std::string TextGrid::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string short_number(double value) { return fmt::format("{:.4g}", value); }

std::string measures_text(const Measures& measures) {
  TextGrid grid({"measure", "value", "better", "what it says"});
  std::string missing;
  const Json in_order = to_json(measures);
  for (const auto& item : in_order.items()) {
    const MetricSpec* spec = find_metric_spec(item.key());
    if (spec == nullptr) continue;
    if (const auto value = measures.value(item.key())) {
      const std::string unit = spec->unit.empty() ? "" : " " + spec->unit;
      grid.add(
          {display_name(item.key(), measures.protocol), short_number(*value) + unit,
           spec->direction == Direction::kNone ? "-" : std::string(direction_name(spec->direction)),
           spec->explanation});
    } else {
      const auto reason = measures.reason.find(item.key());
      missing += "  " + item.key() + ": " +
                 (reason == measures.reason.end() ? "no reason recorded" : reason->second) + "\n";
    }
  }
  std::string text = grid.text();
  if (!missing.empty()) text += "\nNot computed:\n" + missing;
  for (const auto& warning : measures.warnings)
    text += "warning: " + warning.value("message", warning.dump()) + "\n";
  return text;
}

}  // namespace ganselect
