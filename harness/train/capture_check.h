#pragma once
// Are captured iterations the eager ones? Trains the same candidate from the same state both ways.
#include <cstdint>

#include "datasets/dataset.h"
#include "harness/train/capture/step_runner.h"
#include "harness/train/settings.h"

namespace ganselect {

struct CaptureCheck {
  std::int64_t steps = 0;
  // Largest difference of a loss between two trainings, mean over kCaptureRowSteps steps each, over
  // 1 + its size: captured against eager, and one eager training against another of the same seed,
  // which differ where the device adds in no fixed order.
  double captured_difference = 0, eager_difference = 0;
  double allowed = 0;  // rounding of the precision, or a few times the eager difference
  bool same = false;   // finite, and the captured difference is allowed
};

inline constexpr std::int64_t kCaptureRowSteps = 10;

// Makes `steps` steps (at least kCaptureRowSteps + kWarmUpSteps) of three trainings on settings'
// device. `recorder` as in StepOptions. kFailed where nothing can be captured.
CaptureCheck check_capture(const TrainSettings& settings, const Dataset& data, std::int64_t steps,
                           const RecorderMaker& recorder = {});

// Spacing of numbers near 1 in which a precision's products are rounded: 2^-23, 2^-10 or 2^-7.
double rounding_unit(const Precision& precision);

}  // namespace ganselect
