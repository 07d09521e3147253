#include "harness/cli/number_checks.h"

#include <cmath>

namespace ganselect {
namespace {

CLI::Validator number_check(const std::string& expected, bool (*holds)(double)) {
  return {[expected, holds](const std::string& text) -> std::string {
            double value = 0;
            if (CLI::detail::lexical_cast(text, value) && std::isfinite(value) && holds(value))
              return "";
            return "expected " + expected + ", got '" + text + "'";
          },
          ""};
}

}  // namespace

CLI::Validator above_zero() {
  return number_check("a number above 0", [](double value) { return value > 0; });
}

CLI::Validator not_below_zero() {
  return number_check("0 or a number above it", [](double value) { return value >= 0; });
}

}  // namespace ganselect
