#include "harness/train/capture/capture_steps.h"

#include <exception>

namespace ganselect {

void capture(CaptureSteps& steps, const std::function<void()>& work) {
  try {
    steps.begin();
    work();
    steps.end();
  } catch (...) {
    for (const auto step :
         {&CaptureSteps::end_stream, &CaptureSteps::close_pool, &CaptureSteps::renew_generators,
          &CaptureSteps::drop_graph, &CaptureSteps::release_pool}) {
      try {
        (steps.*step)();
      } catch (const std::exception&) {
        // Nothing to end, or nothing left to do about it.
      }
    }
    throw;
  }
}

}  // namespace ganselect
