// How far own trials order candidates as published comparisons do, at each checkpoint and under
// each detector that looked at them: what shows at which scale, and through which eyes, own
// evidence says what the world's does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "selection/evidence/evidence.h"
#include "selection/evidence/foretelling.h"

namespace ganselect {

struct AgreementRow {
  std::int64_t updates = 0;
  std::string detector;
  std::size_t candidates = 0;  // with a value here, that a study compares
  OrderShare share;
  // Kendall's tau-a between this detector's order and the trials' own detector's, at the same
  // updates; absent for that one and for fewer than two candidates.
  std::optional<double> tau;
};

// One candidate's pairs at the last checkpoint under each detector.
struct CandidateAgreement {
  std::string candidate, detector;
  std::size_t right = 0, pairs = 0;
};

struct Agreement {
  std::string description;  // of the trials
  std::string measure;
  std::size_t studies = 0, sources = 0;
  std::vector<AgreementRow> rows;                // by updates, the trials' own detector first
  std::vector<CandidateAgreement> by_candidate;  // of the last rows, the least agreeing first
};

// Pairs of arms of one study that differ by more than options.least_ratio, both of them candidates
// of `evidence`, against the mean logarithm of `measure` over seeds. Names of one training count
// once. kData where there is no such pair.
Agreement agreement_with(std::span<const NetworkStudy> studies, const Evidence& evidence,
                         const std::string& measure, const ScoreOptions& options = {});

Json agreement_to_json(const Agreement& agreement);
// At most 80 columns.
std::string agreement_to_text(const Agreement& agreement);

}  // namespace ganselect
