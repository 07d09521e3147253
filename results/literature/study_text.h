// Published studies for people and for programs: what `ganselect literature` prints.
#pragma once

#include <string>
#include <vector>

#include "results/literature/study.h"

namespace ganselect {

// Which studies to show; an empty text keeps all.
struct StudyFilter {
  std::string dataset;  // case and punctuation do not matter: "cifar10" is "CIFAR-10"
  std::string measure;
};

// Those that fit, in their order. kUsage for a data set that no study has and for an unknown
// measure, with the names there are; kData where each is known and no study has both.
std::vector<Study> filter_studies(const std::vector<Study>& studies, const StudyFilter& filter);

// The study of this id, or a kUsage error that suggests near ids.
const Study& find_study(const std::vector<Study>& studies, const std::string& id);

// Studies under their citations, a line each; every line fits 80 columns.
std::string studies_to_text(const std::vector<Study>& studies);
Json studies_to_json(const std::vector<Study>& studies);

// Everything that is known of one study, and what its arms are in the terms of the search space.
// Every line fits 80 columns unless a single word does not.
std::string study_to_text(const Study& study);
Json study_to_json(const Study& study);

}  // namespace ganselect
