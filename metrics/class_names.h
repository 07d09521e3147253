// What the measures by class have in common.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "metrics/measure.h"

namespace ganselect {

inline constexpr const char* kNotAsked = "needs samples that were asked to be of a class";
// Values of single classes are listed up to so many.
inline constexpr int64_t kMostListedClasses = 100;

// Classes of the data: as many as have names, else as the labels tell.
inline int64_t count_classes(const EvaluationInput& input) {
  if (!input.class_names.empty()) return static_cast<int64_t>(input.class_names.size());
  int64_t count = 0;
  for (const auto& labels : {input.asked_labels, input.real_labels}) {
    if (labels.defined() && labels.numel() > 0) {
      count = std::max(count, labels.max().item<int64_t>() + 1);
    }
  }
  return count;
}

// "cat (3)", or "3" where classes have no names.
inline std::string class_title(const EvaluationInput& input, int64_t label) {
  const auto number = std::to_string(label);
  const auto index = static_cast<std::size_t>(label);
  if (index >= input.class_names.size() || input.class_names[index] == number) return number;
  return input.class_names[index] + " (" + number + ")";
}

}  // namespace ganselect
