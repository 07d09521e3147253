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

void install_signal_handlers() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a write error, not a death
}

bool interrupted() { return interrupt_flag != 0; }
void set_interrupted(bool value) { interrupt_flag = value ? 1 : 0; }

void throw_if_interrupted(const char* saved) {
  if (!interrupted()) return;
  fail(ErrorKind::kInterrupted,
       {.where = "interrupt", .expected = "to go on", .got = "a stop signal", .hint = saved});
}

}  // namespace ganselect
