#include "harness/commands/durations_flag.h"

#include <cmath>
#include <utility>
#include <vector>

#include "base/error.h"

namespace ganselect {

double parse_seconds(const std::string& text, const std::string& flag) {
  static const std::vector<std::pair<std::string, double>> units = {
      {"min", 60}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  try {
    std::size_t end = 0;
    const double number = std::stod(text, &end);
    const std::string unit = text.substr(end);
    const bool positive = number > 0 && std::isfinite(number);
    if (unit.empty() && positive) return number;
    for (const auto& [name, factor] : units) {
      if (unit == name && positive) return number * factor;
    }
  } catch (const std::exception&) {
  }
  fail(
      ErrorKind::kUsage,
      {.where = flag, .expected = "a time such as 500s, 10min, 2h or 3d", .got = "'" + text + "'"});
}

}  // namespace ganselect
