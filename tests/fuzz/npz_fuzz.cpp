#include "tests/fuzz/array_targets.h"
#include "tests/fuzz/main.h"

const ganselect::fuzz::Target& ganselect::fuzz::target() {
  static const Target target = npz_target();
  return target;
}
