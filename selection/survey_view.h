// What the survey holds of each candidate, in our own words: stands beside the measurement.
#pragma once

#include <optional>
#include <string>

#include "base/named_table.h"

namespace ganselect {

struct SurveyView {
  std::string name;  ///< candidate
  std::string says;
};

/// One row for each candidate that the survey discusses.
const NamedTable<SurveyView>& survey_views();

}  // namespace ganselect
