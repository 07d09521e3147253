// Studies as a network: what was compared with what, and what no chain of studies joins.
// Only contrasts within a study count, so levels of different protocols never meet.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ganselect {

// What an arm is made of, for components.h; empty where it is not known.
struct ArmParts {
  std::string architecture, loss;
  std::vector<std::string> regularization;  // none: empty
  std::string critic_norm;
  std::vector<std::string> augmentation;  // none: empty
  bool labels = false;
};

struct NetworkArm {
  std::string treatment;           // candidate
  double y = 0.0;                  // on the scale of effect_scale.h
  std::optional<double> variance;  // of y as a mean over trainings; absent: not known
  double trainings = 1.0;          // so many trainings behind y
  ArmParts parts;
};

// Arms under one protocol. Studies of one source share code and habits.
struct NetworkStudy {
  std::string id, source;
  bool own = false;  // made from trials of this project
  std::vector<NetworkArm> arms;
};

// Throws kData for an empty id, source or treatment, a y that is not finite, a variance below 0, or
// two studies of one id.
void check_studies(std::span<const NetworkStudy> studies);

// A set of treatments joined by chains of studies.
struct NetworkPart {
  std::vector<std::string> treatments;  // by name
  std::vector<std::size_t> studies;     // positions
};

// The connected parts, the one with most treatments first, then by the first treatment's name. A
// study with fewer than two treatments compares nothing and is in none.
std::vector<NetworkPart> connected_parts(std::span<const NetworkStudy> studies);

// "dcgan, lsgan, wgan and 4 more"
std::string treatments_text(const NetworkPart& part, std::size_t most = 6);

}  // namespace ganselect
