#include "harness/train/capture_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "harness/train/trainer.h"

namespace ganselect {

namespace {

// Rounding errors of the steps of a row come together in its mean.
constexpr double kUnitsAllowed = 16;
// Two eager trainings are one draw of their own spread.
constexpr double kSpreadAllowed = 4;

// Both losses of every row; a value that is not finite is NaN.
std::vector<double> losses_of(const TrainSettings& settings, const Dataset& data,
                              std::int64_t steps, const StepOptions& how) {
  Trainer trainer(settings, data, nullptr, how);
  std::vector<double> losses;
  for (std::int64_t step = 1; step <= steps; ++step) {
    trainer.step();
    if (step % kCaptureRowSteps != 0) continue;
    const auto row = trainer.read_row(0);
    for (const auto& loss : {row.loss_d, row.loss_g}) {
      losses.push_back(loss.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  }
  return losses;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(a[i] - b[i]) / (1 + std::abs(a[i]));
    if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, difference);
  }
  return largest;
}

}  // namespace

double rounding_unit(const Precision& precision) {
  if (precision.autocast) return 0x1p-7;
  return precision.tf32 ? 0x1p-10 : 0x1p-23;
}

CaptureCheck check_capture(const TrainSettings& settings, const Dataset& data, std::int64_t steps,
                           const RecorderMaker& recorder) {
  if (steps < kCaptureRowSteps + kWarmUpSteps) {
    fail(ErrorKind::kUsage,
         {.where = "steps of a capture check",
          .expected = "at least " + std::to_string(kCaptureRowSteps + kWarmUpSteps),
          .got = std::to_string(steps)});
  }
  const auto eager = losses_of(settings, data, steps, {.graph = "off"});
  const auto again = losses_of(settings, data, steps, {.graph = "off"});
  const auto captured = losses_of(settings, data, steps, {.graph = "on", .recorder = recorder});
  CaptureCheck check{.steps = steps};
  check.eager_difference = largest_difference(eager, again);
  check.captured_difference = largest_difference(eager, captured);
  check.allowed = std::max(kUnitsAllowed * rounding_unit(precisions().at(settings.precision)),
                           kSpreadAllowed * check.eager_difference);
  check.same =
      std::isfinite(check.captured_difference) && check.captured_difference <= check.allowed;
  return check;
}

}  // namespace ganselect
