#include "tests/fuzz/image_targets.h"
#include "tests/fuzz/main.h"

const ganselect::fuzz::Target& ganselect::fuzz::target() {
  static const Target target = image_target();
  return target;
}
