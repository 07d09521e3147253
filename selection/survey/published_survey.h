// What published studies say of the survey's claims and of its four questions: by the network of
// candidates where candidates are named, by the components that points are made of where a part is.
// FID alone, which is what most studies give, of all data sets together.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "results/literature/study.h"
#include "selection/survey/claims.h"

namespace ganselect {

class PublishedSurvey {
 public:
  // `survey`: names of the candidates that "all" are. Nothing is estimated before it is asked for,
  // which takes seconds where components are. One thread at a time.
  PublishedSurvey(std::span<const Study> studies, std::vector<std::string> survey);
  ~PublishedSurvey();
  PublishedSurvey(const PublishedSurvey&) = delete;
  PublishedSurvey& operator=(const PublishedSurvey&) = delete;

  // Of a row of claim_specs(), or of question_specs(): whether what the survey recommends has the
  // lower FID. A claim of which studies measure a part alone can be contradicted, never supported.
  LiteratureSaid on(const std::string& name) const;

 private:
  struct Estimates;
  std::unique_ptr<Estimates> estimates_;
};

}  // namespace ganselect
