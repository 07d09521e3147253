#include "base/interrupt.h"

#include <csignal>

#include "base/error.h"

namespace ganselect {
namespace {

volatile std::sig_atomic_t interrupt_flag = 0;

extern "C" void on_signal(int number) {
  interrupt_flag = 1;
  std::signal(number, SIG_DFL);
}

}  // namespace

void ignore_closed_pipes() { std::signal(SIGPIPE, SIG_IGN); }

StopSignals::StopSignals() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}
StopSignals::~StopSignals() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool interrupted() { return interrupt_flag != 0; }
void set_interrupted(bool value) { interrupt_flag = value ? 1 : 0; }

void throw_if_interrupted(const char* saved) {
  if (!interrupted()) return;
  fail(ErrorKind::kInterrupted,
       {.where = "interrupt", .expected = "to go on", .got = "a stop signal", .hint = saved});
}

}  // namespace ganselect
