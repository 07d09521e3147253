// What published studies add to a ranking from own trials. Their levels are of other networks,
// lengths and detectors, so they enter as an order alone, and only where own trials cannot decide:
// among the leader and those tied with it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "results/literature/study.h"
#include "results/records/groups.h"
#include "selection/evidence/line_fit.h"
#include "selection/evidence/literature_estimate.h"
#include "selection/ranking/ranking.h"

namespace ganselect {

// Whose evidence an answer rests on: "own", "published", "both".
struct EvidenceKind {
  std::string name;
  std::string explanation;
  bool own = true;        // own trials make the order
  bool published = true;  // published studies are looked at
};
const NamedTable<EvidenceKind>& evidence_kinds();

// Published studies, and what they say together: each estimate is made once, when it is asked for.
// One thread at a time.
class PublishedStudies {
 public:
  struct Estimate {
    std::optional<LiteratureEstimate> value;
    std::string reason;  // why there is none; else empty
  };

  explicit PublishedStudies(std::vector<Study> studies) : studies_(std::move(studies)) {}

  // From studies of the same data where that can be had, else from all.
  const Estimate& estimate(const std::string& measure, const std::string& dataset,
                           const std::string& reference = "dcgan") const;

  // The name that studies have for a GAN ("StyleGAN2-ADA": "stylegan2+ada"): letters and digits
  // alone count, in any case. Nothing where none of them has it.
  std::optional<std::string> known_as(const std::string& gan) const;

 private:
  std::vector<Study> studies_;
  mutable std::map<std::array<std::string, 3>, Estimate> made_;  // by measure, data, reference
};

struct PublishedEvidence {
  std::string measure;  // "fid", "modes"; empty: none speaks of what was asked
  std::optional<LiteratureEstimate> estimate;
  std::string reason;      // why there is no estimate; else empty
  bool decided = false;    // whether the first of the ranking stands there because of it
  std::string instead_of;  // then: who led by own trials
};

// The estimate of the weightiest wish that published studies speak of: quality through FID;
// diversity and mode coverage through modes and, where too few of the candidates that are open were
// counted so, through FID, which missing modes raise as well. `dataset`: of the own trials; studies
// of the same data alone, where there are any.
PublishedEvidence published_evidence(const PublishedStudies& studies, const UseCase& use_case,
                                     const std::string& dataset, const Ranking& ranking);

// The published estimate of a candidate, known by its own name or by the training's; nullptr when
// there is none.
const CandidateEstimate* find_estimate(const PublishedEvidence& published,
                                       const RankedCandidate& ranked);

// Orders the leader and those tied with it by the published estimates, where the best of them is
// ahead of the leader by more than one standard error; a candidate without an estimate counts as
// the reference. With `alone` all candidates are ordered so, whatever own trials say.
void settle_by_published(Ranking& ranking, PublishedEvidence& published, bool alone);

// How large published effects come out in own trials: own logarithm of the measure = intercept +
// slope * published one, over the candidates that both measured. Nothing for fewer than five
// candidates, or a measure that is not on the scale of logarithms.
std::optional<ScatteredLine> published_scale(const PublishedEvidence& published,
                                             const Ranking& ranking);

// "an effect comes out at 0.41 of its published size here (0.12 to 0.70; 12 candidates)"
std::string scale_words(const ScatteredLine& scale);

// {measure, reference, decided, instead_of, reason, scale, estimates, citations}; null
// where published studies were not looked at.
Json to_json(const PublishedEvidence& published, const Ranking& ranking);

// Of a published measure, by our name for it.
bool lower_is_better(const std::string& measure);

// "0.62 of dcgan's fid (0.41 to 0.93)"; the candidate must have a contrast.
std::string ratio_words(const LiteratureEstimate& estimate, const CandidateEstimate& candidate);
// "0.62 of dcgan's fid (0.41 to 0.93) in 8 studies of 5 sources"; empty where there is no estimate
// of it and for the reference itself.
std::string published_words(const PublishedEvidence& published, const RankedCandidate& ranked);

}  // namespace ganselect
