// Log lines on standard error; the only header that stands before spdlog.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace ganselect {

enum class LogLevel { kQuiet, kNormal, kVerbose };

void set_log_level(LogLevel level);
void log_line(const std::string& message);     // shown unless quiet
void log_warning(const std::string& message);  // always shown
void log_detail(const std::string& message);   // shown when verbose

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_line(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  log_warning(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log_detail(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ganselect
