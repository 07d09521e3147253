#include "harness/commands/check_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/error.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/torch/script_error.h"

namespace ganselect {
namespace {

struct Outcome {
  bool right = false;
  std::string found;
};

// LibTorch throws errors of its own, and a library below it may throw anything.
Outcome outcome_of(const NamedCheck& check) {
  try {
    return {true, check.run()};
  } catch (const Error& error) {
    return {false, error.what()};
  } catch (const std::exception& error) {
    return {false, script_error_reason(error)};
  } catch (...) {
    return {false, "an exception of no known kind"};
  }
}

std::string json_row(const NamedCheck& check, const Outcome& outcome, bool first) {
  const Json row = {{"check", check.name}, {"right", outcome.right}, {"found", outcome.found}};
  std::string text = row.dump(2);
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    text.insert(at + 1, "  ");
  return (first ? "[\n  " : ",\n  ") + text;
}

}  // namespace

std::size_t run_checks(const std::vector<NamedCheck>& checks, bool json,
                       const std::function<void(const std::string&)>& print) {
  Progress bar("verify", static_cast<double>(checks.size()));
  std::size_t width = std::string("check").size();
  for (const auto& check : checks) width = std::max(width, check.name.size());
  if (!json) print(fmt::format("{:<{}}  result  what was found\n", "check", width));
  std::size_t failed = 0;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Outcome outcome = outcome_of(checks[i]);
    failed += outcome.right ? 0 : 1;
    clear_progress_line();
    print(json ? json_row(checks[i], outcome, i == 0)
               : fmt::format("{:<{}}  {:<6}  {}\n", checks[i].name, width,
                             outcome.right ? "right" : "WRONG", outcome.found));
    bar.update(static_cast<double>(i + 1), checks[i].name);
  }
  if (json) print(checks.empty() ? "[]\n" : "\n]\n");
  bar.finish();
  return failed;
}

}  // namespace ganselect
