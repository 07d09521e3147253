#include "base/settings_io.h"

namespace ganselect {

void check_number(const std::string& where, double value, const Check& check) {
  const bool low =
      check.minimum && (check.open_minimum ? value <= *check.minimum : value < *check.minimum);
  const bool high = check.maximum && value > *check.maximum;
  const bool broken = check.whole && std::floor(value) != value;
  if (!low && !high && !broken && !std::isnan(value)) return;
  std::string expected = check.whole ? "a whole number" : "a number";
  if (check.minimum)
    expected += (check.open_minimum ? " above " : " of at least ") + shortest(*check.minimum);
  if (check.maximum)
    expected += (check.minimum ? " and at most " : " of at most ") + shortest(*check.maximum);
  fail(ErrorKind::kUsage, {.where = where, .expected = expected, .got = shortest(value)});
}

void check_text(const std::string& where, const std::string& value, const Check& check) {
  if (check.choices.empty()) return;
  for (const auto& choice : check.choices) {
    if (choice == value) return;
  }
  const auto nearest = nearest_name(value, check.choices);
  fail(ErrorKind::kUsage, {.where = where,
                           .expected = "one of " + join(check.choices),
                           .got = "'" + value + "'",
                           .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
}

void fail_type(const std::string& where, const std::string& expected, const Json& got) {
  fail(ErrorKind::kUsage, {.where = where, .expected = expected, .got = got.dump()});
}

void fail_unknown_key(const std::string& where, const std::string& key,
                      const std::vector<std::string>& valid) {
  const auto nearest = nearest_name(key, valid);
  fail(ErrorKind::kUsage, {.where = where,
                           .expected = "only the keys " + join(valid),
                           .got = "'" + key + "'",
                           .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
}

}  // namespace ganselect
