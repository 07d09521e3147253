#include "selection/advice/comparison.h"

#include <fmt/format.h>

#include <algorithm>

namespace ganselect {
namespace {

ComparisonSide side_of(const std::string& name, const Evidence& evidence, const Ranking& ranking,
                       const PublishedStudies* studies) {
  ComparisonSide side{.name = name};
  if (studies != nullptr) side.published_as = studies->known_as(name);
  const auto* trained = evidence.find(name);
  for (const auto& one : ranking.ranked) {
    if (one.evidence == trained) side.ranked = &one;
  }
  if (side.ranked != nullptr) return side;
  side.reason = "no trial here is of it";
  for (const auto* list : {&ranking.excluded, &ranking.unmeasured}) {
    for (const auto& one : *list) {
      if (one.candidate == name) side.reason = one.reason;
    }
  }
  return side;
}

void compare_published(const PublishedStudies& studies, const std::string& dataset,
                       ComparisonAnswer& answer) {
  for (const auto* side : {&answer.a, &answer.b}) {
    if (side->published_as) continue;
    answer.reason = "no study here has " + side->name;
    return;
  }
  // What the wish is measured by, else what most studies have.
  for (const auto& measure : {answer.measure, std::string("fid"), std::string("modes")}) {
    const auto& made = studies.estimate(measure, dataset, *answer.b.published_as);
    answer.estimate = made.value;
    if (answer.contrast() == nullptr) continue;
    answer.measure = measure;
    return;
  }
  answer.estimate.reset();
  answer.reason = "no chain of studies joins them";
}

std::size_t studies_of(const LiteratureEstimate& estimate, const std::string& candidate) {
  const auto& rows = estimate.candidates;
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const auto& row) { return row.candidate == candidate; });
  return found == rows.end() ? 0 : found->studies;
}

Json side_json(const ComparisonSide& side) {
  return {{"name", side.name},
          {"candidate", side.ranked != nullptr ? Json(side.ranked->evidence->name) : Json()},
          {"reason", side.reason.empty() ? Json() : Json(side.reason)},
          {"published_as", side.published_as ? Json(*side.published_as) : Json()}};
}

}  // namespace

const CandidateEstimate* ComparisonAnswer::contrast() const {
  if (!estimate || !a.published_as) return nullptr;
  for (const auto& row : estimate->candidates) {
    if (row.candidate == *a.published_as && row.contrast) return &row;
  }
  return nullptr;
}

std::optional<ComparisonAnswer> compare_asked(const UseCase& use_case, const Evidence& evidence,
                                              const Ranking& ranking,
                                              const PublishedStudies* studies,
                                              const std::string& measure) {
  const auto& asked = use_case.comparison;
  if (!asked || (asked->kind != "candidate" && asked->kind != "gan")) return std::nullopt;
  ComparisonAnswer answer{.a = side_of(asked->a, evidence, ranking, studies),
                          .b = side_of(asked->b, evidence, ranking, studies),
                          .measure = measure.empty() ? "fid" : measure};
  const auto *a = answer.a.ranked, *b = answer.b.ranked;
  if (a != nullptr && b != nullptr) {
    // Ranked rows lie in one list, the better first.
    if (b < a) std::swap(answer.a, answer.b);
    const auto& ties = answer.a.ranked->tied_with;
    answer.tied =
        std::find(ties.begin(), ties.end(), answer.b.ranked->evidence->name) != ties.end();
  }
  if (studies == nullptr) {
    answer.reason = "published studies were not looked at";
  } else {
    compare_published(*studies, evidence.protocol.value("dataset", std::string()), answer);
  }
  return answer;
}

std::string published_sentence(const ComparisonAnswer& answer) {
  const auto* found = answer.contrast();
  if (found == nullptr) return "Published: nothing on the two; " + answer.reason + ".";
  const double raised =
      lower_is_better(answer.measure) ? found->contrast->difference : -found->contrast->difference;
  const bool other_way = answer.a.ranked != nullptr && answer.b.ranked != nullptr && raised > 0;
  return std::string(other_way ? "Published, the other way round: " : "Published: ") +
         *answer.a.published_as + " has " + ratio_words(*answer.estimate, *found) +
         fmt::format("; {} and {} studies hold them.", found->studies,
                     studies_of(*answer.estimate, *answer.b.published_as));
}

Json to_json(const ComparisonAnswer& answer) {
  const auto* found = answer.contrast();
  Json published;
  if (found != nullptr) {
    for (const auto& row : estimate_to_json(*answer.estimate)) {
      if (row["candidate"] == found->candidate) published = row;
    }
    published["measure"] = answer.measure;
    published["reference"] = answer.estimate->reference;
  }
  return {{"a", side_json(answer.a)},
          {"b", side_json(answer.b)},
          {"tied", answer.tied},
          {"published", published},
          {"reason", answer.reason.empty() ? Json() : Json(answer.reason)}};
}

}  // namespace ganselect
