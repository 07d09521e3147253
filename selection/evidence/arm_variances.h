// What is known of the spread over trainings of each arm, and what is taken where nothing is.
#pragma once

#include <Eigen/Dense>
#include <optional>
#include <span>
#include <string>

#include "selection/evidence/network.h"

namespace ganselect {

struct MetaOptions {
  // Variance of one training where a study gives none. Absent: the median of the arms that give
  // one, else 0, and tau of studies then holds the seeds too.
  std::optional<double> training_variance;
  std::string variance_from = "as given";  // for the note that says so
};

struct ArmVariances {
  Eigen::VectorXd of_means;         // of each arm's y
  double training = 0.0;            // of one training
  std::optional<std::string> note;  // what was taken where nothing was given
};

ArmVariances arm_variances(std::span<const NetworkArm* const> arms, const MetaOptions& options);

}  // namespace ganselect
