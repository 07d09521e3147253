#include "base/torch/script_error.h"

#include <c10/util/Exception.h>

namespace ganselect {

std::string script_error_reason(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  const std::string text = own != nullptr ? own->what_without_backtrace() : error.what();
  // The interpreter prints the module's trace first and the reason last.
  const auto reason = text.rfind("RuntimeError: ");
  const auto start = reason == std::string::npos ? 0 : reason;
  return text.substr(start, text.find('\n', start) - start);
}

}  // namespace ganselect
