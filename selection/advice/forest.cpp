#include "selection/advice/forest.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "selection/evidence/literature_network.h"

namespace ganselect {
namespace {

constexpr double kNormal95 = 1.959963984540054;

Json ratio_json(double difference, double low, double high) {
  return {{"ratio", std::exp(difference)},
          {"interval", Json::array({std::exp(low), std::exp(high)})}};
}

// Points have names too long for a row, and belong to the four questions.
bool is_point_name(const std::string& name) { return name.find('/') != std::string::npos; }

// Own trials' means over seeds, whose variance is moderated over all candidates.
std::map<std::string, Json> own_ratios(const Evidence& evidence, const std::string& reference) {
  std::map<std::string, Json> ratios;
  std::vector<std::string> notes;
  const auto study = study_from_group(evidence, "fid", notes);
  if (!study) return ratios;
  const auto* base = [&]() -> const NetworkArm* {
    for (const auto& arm : study->arms) {
      if (arm.treatment == reference) return &arm;
    }
    return nullptr;
  }();
  if (base == nullptr || !base->variance) return ratios;
  for (const auto& arm : study->arms) {
    if (&arm == base || !arm.variance) continue;
    const double difference = arm.y - base->y;
    const double half = kNormal95 * std::sqrt(*arm.variance + *base->variance);
    auto& json = ratios[arm.treatment] =
        ratio_json(difference, difference - half, difference + half);
    json["trials"] = arm.trainings;
  }
  return ratios;
}

Json published_ratio(const CandidateEstimate& one) {
  if (!one.contrast || !one.contrast->interval95) return Json();
  Json json = ratio_json(one.contrast->difference, one.contrast->interval95->low,
                         one.contrast->interval95->high);
  json["studies"] = one.studies;
  json["sources"] = one.sources;
  return json;
}

}  // namespace

Json forest_json(const PublishedStudies& studies, const Evidence& evidence) {
  const auto& made = studies.estimate("fid", evidence.protocol.value("dataset", std::string()));
  Json json = {{"measure", "fid"}, {"reference", Json()},   {"dataset", Json()}, {"studies", 0},
               {"sources", 0},     {"rows", Json::array()}, {"reason", Json()}};
  if (!made.value) {
    json["reason"] = made.reason;
    return json;
  }
  const auto& estimate = *made.value;
  json["reference"] = estimate.reference;
  if (estimate.dataset) json["dataset"] = *estimate.dataset;
  json["studies"] = estimate.studies;
  json["sources"] = estimate.sources;
  auto own = own_ratios(evidence, estimate.reference);
  // Those that both know, or that own trials know; what is only published belongs to `literature`.
  for (const auto& one : estimate.candidates) {
    const auto mine = own.find(one.candidate);
    const bool known = evidence.find(one.candidate) != nullptr;
    const Json published = published_ratio(one);
    if (!known || is_point_name(one.candidate) || (published.is_null() && mine == own.end()))
      continue;
    json["rows"].push_back({{"candidate", one.candidate},
                            {"published", published},
                            {"own", mine == own.end() ? Json() : mine->second}});
    if (mine != own.end()) own.erase(mine);
  }
  for (const auto& [name, ratio] : own) {
    if (!is_point_name(name))
      json["rows"].push_back({{"candidate", name}, {"published", Json()}, {"own", ratio}});
  }
  if (json["rows"].empty()) json["reason"] = "no candidate of own trials was published";
  return json;
}

}  // namespace ganselect
