// Progress with the time left, on standard error: a bar that redraws itself at a terminal, and
// elsewhere a plain line now and then, without colour or carriage return.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace ganselect {

struct ProgressSettings {
  bool terminal = false;                          // redraw one line instead of printing new ones
  double terminal_period_s = 0.2;                 // least time between two drawings
  double plain_period_s = 10.0;                   // least time between two plain lines
  std::function<void(const std::string&)> write;  // where the text goes; empty: standard error
};

// Standard error as it is: a terminal or not, plain when NO_COLOR or a dumb TERM says so.
ProgressSettings default_progress_settings();

// Work is counted in any unit whose amount is proportional to time (steps weighted by their cost,
// bytes, ...). The rate is that of this process: work that was already done when it started (a
// resumed run) does not flatter it.
class Progress {
 public:
  Progress(std::string title, double total, double done_before = 0,
           ProgressSettings settings = default_progress_settings());
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Sets the work done so far (of `total`) and a short remark shown at the end of the line.
  void update(double done, const std::string& remark = "");
  void finish(const std::string& remark = "");

  // Seconds left by the rate so far; negative while there is nothing to judge by.
  double seconds_left() const;

 private:
  std::string line(const std::string& remark) const;
  std::string title_;
  double total_, done_before_, done_;
  ProgressSettings settings_;
  std::chrono::steady_clock::time_point start_, last_shown_;
  bool finished_ = false;
};

// Erases a bar that stands on the terminal's current line, so that a log line can be printed there.
void clear_progress_line();

}  // namespace ganselect
