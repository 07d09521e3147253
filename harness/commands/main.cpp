// The program with everything; harness/cli/main.cpp starts it.
#include <c10/util/Exception.h>
#include <malloc.h>

#include "base/interrupt.h"
#include "harness/commands/commands.h"

namespace {

// Freed blocks up to 32 MiB, the most the library allows, stay with the process: by default each
// tensor of some megabytes is mapped, zeroed and unmapped anew, 13% of an update of sngan.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

std::optional<std::string> libtorch_error(const std::exception& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) {
    return ganselect::kOutOfMemory;
  }
  const auto* known = dynamic_cast<const c10::Error*>(&error);
  if (known == nullptr) return std::nullopt;
  const std::string text = known->what_without_backtrace();
  return "[LibTorch] expected the operation to work, got " + text.substr(0, text.find('\n'));
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  ganselect::ignore_closed_pipes();
  ganselect::leave(ganselect::run_program(std::vector<std::string>(argv + 1, argv + argc),
                                          ganselect::commands(), libtorch_error));
}
