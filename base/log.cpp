#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>

#include "base/progress.h"

namespace ganselect {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    // Colour only for a person at a terminal who has not asked for none.
    const bool colour = ::isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
        colour ? spdlog::color_mode::always : spdlog::color_mode::never);
    auto made = std::make_shared<spdlog::logger>("ganselect", sink);
    made->set_pattern("%^%L%$ %v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) {
  logger().set_level(level == LogLevel::kQuiet     ? spdlog::level::warn
                     : level == LogLevel::kVerbose ? spdlog::level::debug
                                                   : spdlog::level::info);
}

void log_line(const std::string& message) {
  clear_progress_line();
  logger().info("{}", message);
}
void log_warning(const std::string& message) {
  clear_progress_line();
  logger().warn("{}", message);
}
void log_detail(const std::string& message) {
  clear_progress_line();
  logger().debug("{}", message);
}

}  // namespace ganselect
