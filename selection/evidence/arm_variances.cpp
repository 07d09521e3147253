#include "selection/evidence/arm_variances.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ganselect {
namespace {

// One training that nearly failed would rule a mean.
double middle_of(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

ArmVariances arm_variances(std::span<const NetworkArm* const> arms, const MetaOptions& options) {
  std::vector<double> given;  // of one training
  for (const auto* arm : arms) {
    if (arm->variance) given.push_back(*arm->variance * arm->trainings);
  }
  ArmVariances out;
  out.training = options.training_variance.value_or(middle_of(given));
  out.of_means = Eigen::VectorXd(static_cast<Eigen::Index>(arms.size()));
  for (std::size_t i = 0; i < arms.size(); ++i)
    out.of_means(static_cast<Eigen::Index>(i)) =
        arms[i]->variance.value_or(out.training / arms[i]->trainings);
  if (given.size() == arms.size()) return out;
  if (given.empty() && !options.training_variance) {
    out.note = "no arm gives a deviation over trainings: tau of studies holds the seeds too";
    return out;
  }
  out.note = fmt::format(
      "{} of {} arms give no deviation over trainings: that of one training is taken as {:.3f} "
      "({})",
      arms.size() - given.size(), arms.size(), std::sqrt(out.training),
      options.training_variance ? options.variance_from : "the median of those that give one");
  return out;
}

}  // namespace ganselect
