// What published studies say of every candidate beside one of them, for people and for programs.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "selection/evidence/literature_network.h"
#include "selection/evidence/meta_analysis.h"

namespace ganselect {

struct CandidateEstimate {
  std::string candidate;
  std::optional<EffectContrast>
      contrast;  // to the reference; absent where no chain of studies joins the two
  std::optional<SplitContrast> split;
  std::optional<Heterogeneity> heterogeneity;  // of its network
  std::size_t studies = 0, sources = 0;        // published ones that hold it
  std::size_t own_trials = 0;
  std::string reason;  // why there is no contrast; else empty
};

struct LiteratureEstimate {
  std::string measure, reference;
  std::optional<std::string> dataset;
  std::size_t studies = 0, sources = 0;       // published ones in the reference's network
  std::vector<CandidateEstimate> candidates;  // best first, those that are not joined last
  std::vector<std::string> notes;
  std::map<std::string, std::string> citations;  // of sources in the reference's network
};

struct EstimateInput {
  std::string measure;
  std::string reference = "dcgan";
  LiteratureFilter filter;
  std::optional<NetworkStudy> own;  // enters as one more study
  MetaOptions meta;
  bool split = true;  // direct and indirect evidence apart, which takes a fit for each candidate
};

// Estimates by meta_analysis.h over network_from_studies. Errors as there, and kData where no study
// compares the reference with anything.
LiteratureEstimate estimate_literature(std::span<const Study> studies, const EstimateInput& input);

// An array of {candidate, log_ratio, standard_error, interval95, prediction95, studies, sources,
// own_trials, direct, indirect, heterogeneity, reason}; null where there is no such evidence.
// log_ratio is the contrast to the reference on the scale g: of logarithms, or of logits for
// shares.
Json estimate_to_json(const LiteratureEstimate& estimate);

// At most 80 columns, sources cited at the end.
std::string estimate_to_text(const LiteratureEstimate& estimate);

}  // namespace ganselect
