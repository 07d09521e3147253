#include <malloc.h>

#include <cstdio>
#include <cstdlib>

#include "base/interrupt.h"
#include "harness/run/program.h"

namespace {

// Freed blocks up to 32 MiB, the most the library allows, stay with the process: by default each
// tensor of some megabytes is mapped, zeroed and unmapped anew, 13% of an update of sngan.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  ganselect::install_signal_handlers();
  const int status = ganselect::run_program(std::vector<std::string>(argv + 1, argv + argc));
#ifndef __SANITIZE_ADDRESS__  // whose search for leaks is done at exit
  // LibTorch takes a tenth of a second to undo its registrations, which the end of the process
  // does.
  std::fflush(nullptr);
  std::_Exit(status);
#endif
  return status;
}
