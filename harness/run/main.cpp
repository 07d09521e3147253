#include "base/interrupt.h"
#include "harness/run/program.h"

int main(int argc, char** argv) {
  ganselect::install_signal_handlers();
  return ganselect::run_program(std::vector<std::string>(argv + 1, argv + argc));
}
