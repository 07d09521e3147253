// Two GANs held against each other, "is wgan-gp better than sngan?": what own trials say of the
// two, and what published studies do. Theirs are other networks, lengths and detectors, so the two
// stand side by side and are not made one.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "selection/advice/published.h"
#include "selection/evidence/evidence.h"
#include "selection/query/use_case.h"
#include "selection/ranking/ranking.h"

namespace ganselect {

struct ComparisonSide {
  std::string name;                         // as asked
  const RankedCandidate* ranked = nullptr;  // absent: own trials do not rank it
  std::string reason;                       // why they do not; else empty
  std::optional<std::string> published_as;  // its name in studies
};

struct ComparisonAnswer {
  ComparisonSide a, b;  // a leads where own trials rank both, else as asked
  bool tied = false;    // own trials rank both and cannot tell them apart
  std::string measure;  // of the published contrast
  // a beside b as the reference; nothing: no chain of studies joins the two.
  std::optional<LiteratureEstimate> estimate;
  std::string reason;  // why there is no published contrast; else empty

  // a's row of the estimate, which has a contrast; nullptr where there is none.
  const CandidateEstimate* contrast() const;
};

// Nothing where the use case asks for no comparison of two GANs. Points into `ranking`; without
// `studies` the published half is missing with a reason.
std::optional<ComparisonAnswer> compare_asked(const UseCase& use_case, const Evidence& evidence,
                                              const Ranking& ranking,
                                              const PublishedStudies* studies,
                                              const std::string& measure);

// "Published: wgan-gp has 0.78 of dcgan's fid (0.49 to 1.22); 8 and 12 studies hold
// them."
std::string published_sentence(const ComparisonAnswer& answer);

// {a, b, tied, own: {a, b}, published: {measure, ...} or null, reason}
Json to_json(const ComparisonAnswer& answer);

}  // namespace ganselect
