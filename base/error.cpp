#include "base/error.h"

#include <algorithm>

#include "base/text.h"

namespace ganselect {

std::string format_problem(const Problem& problem) {
  std::string text;
  if (!problem.where.empty()) text += "[" + problem.where + "] ";
  text += "expected " + problem.expected;
  if (!problem.got.empty()) text += ", got " + problem.got;
  if (!problem.hint.empty()) text += "; " + problem.hint;
  // One line, whatever a library put into its own message.
  std::replace(text.begin(), text.end(), '\n', ' ');
  return utf8_text(text);
}

void fail(ErrorKind kind, const Problem& problem) { throw Error(kind, format_problem(problem)); }

}  // namespace ganselect
