// Published studies with a known truth, for tests of what they add to an answer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/literature/study.h"

namespace ganselect::test {

// Studies that give each candidate the same ratio of FID to dcgan, up to a few percent.
inline std::vector<Study> studies_of(const std::map<std::string, double>& ratios) {
  std::vector<Study> studies;
  for (int i = 0; i < 5; ++i) {
    Study study;
    study.id = "made-up-" + std::to_string(i);
    study.group = "group-" + std::to_string(i);
    study.citation = "Nobody " + std::to_string(2000 + i);
    study.dataset = "CIFAR-10";
    study.reliability = Reliability::kMedium;
    study.independent = true;
    for (const auto& [name, ratio] : ratios) {
      Arm arm;
      arm.candidate = name;
      arm.as_named = name;
      arm.match = ArmMatch::kExact;
      const double wobble = 1.0 + 0.02 * ((i + static_cast<int>(name.size())) % 3);
      arm.measures["fid"] = {.mean = 40.0 * (1 + i) / 3.0 * ratio * wobble};
      study.arms.push_back(arm);
    }
    studies.push_back(study);
  }
  return studies;
}

}  // namespace ganselect::test
