#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/text.h"

namespace ganselect {
namespace {

std::atomic<bool> bar_on_line{false};

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

void write_to_stderr(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressSettings default_progress_settings() {
  ProgressSettings settings;
  const char* term = std::getenv("TERM");
  settings.terminal =
      ::isatty(STDERR_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
  return settings;
}

Progress::Progress(std::string title, double total, double done_before, ProgressSettings settings)
    : title_(std::move(title)),
      total_(total),
      done_before_(done_before),
      done_(done_before),
      settings_(std::move(settings)),
      start_(std::chrono::steady_clock::now()),
      last_shown_(start_) {
  if (!settings_.write) settings_.write = write_to_stderr;
}

Progress::~Progress() {
  if (!finished_ && settings_.terminal) clear_progress_line();
}

double Progress::seconds_left() const {
  const double worked = done_ - done_before_;
  if (worked <= 0) return -1;
  return seconds_between(start_, std::chrono::steady_clock::now()) / worked *
         std::max(0.0, total_ - done_);
}

std::string Progress::line(const std::string& remark) const {
  const double share = total_ > 0 ? std::clamp(done_ / total_, 0.0, 1.0) : 1.0;
  std::string text = title_;
  if (settings_.terminal) {
    constexpr int kCells = 24;  // leaves room for title and remark in 80 columns
    const int filled = static_cast<int>(share * kCells);
    text += fmt::format(" [{}{}]", std::string(static_cast<std::size_t>(filled), '='),
                        std::string(static_cast<std::size_t>(kCells - filled), ' '));
  }
  text += fmt::format(" {:3.0f}%", 100 * share);
  const double left = seconds_left();
  if (left >= 0 && share < 1) text += fmt::format(", {} left", human_seconds(left));
  if (!remark.empty()) text += ", " + remark;
  return text;
}

void Progress::update(double done, const std::string& remark) {
  done_ = done;
  const auto now = std::chrono::steady_clock::now();
  const double period = settings_.terminal ? settings_.terminal_period_s : settings_.plain_period_s;
  if (seconds_between(last_shown_, now) < period) return;
  last_shown_ = now;
  if (settings_.terminal) {
    settings_.write("\r\033[K" + line(remark));
    bar_on_line = true;
  } else {
    settings_.write(line(remark) + "\n");
  }
}

void Progress::finish(const std::string& remark) {
  if (finished_) return;
  finished_ = true;
  done_ = total_;
  const double took = seconds_between(start_, std::chrono::steady_clock::now());
  std::string text = title_ + " done in " + human_seconds(took);
  if (!remark.empty()) text += ", " + remark;
  settings_.write((settings_.terminal ? "\r\033[K" : "") + text + "\n");
  if (settings_.terminal) bar_on_line = false;
}

void clear_progress_line() {
  if (bar_on_line.exchange(false)) write_to_stderr("\r\033[K");
}

}  // namespace ganselect
