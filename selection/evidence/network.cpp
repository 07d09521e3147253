#include "selection/evidence/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {
namespace {

void check_arm(const NetworkStudy& study, const NetworkArm& arm) {
  if (arm.treatment.empty()) {
    fail(ErrorKind::kData,
         {.where = "study " + study.id, .expected = "a name for each arm", .got = "an empty one"});
  }
  const std::string where = "study " + study.id + ": " + arm.treatment;
  if (!std::isfinite(arm.y))
    fail(ErrorKind::kData, {.where = where, .expected = "a finite y", .got = shortest(arm.y)});
  if (arm.variance && !(std::isfinite(*arm.variance) && *arm.variance >= 0.0)) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "a variance of at least 0", .got = shortest(*arm.variance)});
  }
  if (!(arm.trainings >= 1.0 && std::isfinite(arm.trainings))) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "at least 1 training", .got = shortest(arm.trainings)});
  }
}

std::set<std::string> treatments_of(const NetworkStudy& study) {
  std::set<std::string> names;
  for (const auto& arm : study.arms) names.insert(arm.treatment);
  return names;
}

// Sets that grow together: `leader[x]` leads to the one that stands for x's set.
std::size_t leader_of(std::vector<std::size_t>& leader, std::size_t x) {
  while (leader[x] != x) x = leader[x] = leader[leader[x]];
  return x;
}

}  // namespace

void check_studies(std::span<const NetworkStudy> studies) {
  std::set<std::string> ids;
  for (const auto& study : studies) {
    if (study.id.empty() || study.source.empty()) {
      fail(ErrorKind::kData, {.where = "studies",
                              .expected = "an id and a source for each",
                              .got = study.id.empty() ? "no id" : study.id + " without a source"});
    }
    if (!ids.insert(study.id).second) {
      fail(ErrorKind::kData,
           {.where = "studies", .expected = "distinct ids", .got = "'" + study.id + "' twice"});
    }
    for (const auto& arm : study.arms) check_arm(study, arm);
  }
}

std::vector<NetworkPart> connected_parts(std::span<const NetworkStudy> studies) {
  std::map<std::string, std::size_t> index;
  for (const auto& study : studies) {
    const auto names = treatments_of(study);
    if (names.size() < 2) continue;
    for (const auto& name : names) index.emplace(name, index.size());
  }
  std::vector<std::size_t> leader(index.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  for (const auto& study : studies) {
    const auto names = treatments_of(study);
    if (names.size() < 2) continue;
    const auto first = leader_of(leader, index.at(*names.begin()));
    for (const auto& name : names) leader[leader_of(leader, index.at(name))] = first;
  }
  std::map<std::size_t, NetworkPart> parts;
  for (const auto& [name, number] : index)
    parts[leader_of(leader, number)].treatments.push_back(name);
  for (std::size_t s = 0; s < studies.size(); ++s) {
    const auto names = treatments_of(studies[s]);
    if (names.size() < 2) continue;
    parts[leader_of(leader, index.at(*names.begin()))].studies.push_back(s);
  }
  std::vector<NetworkPart> ordered;
  for (auto& [number, part] : parts) ordered.push_back(std::move(part));
  std::sort(ordered.begin(), ordered.end(), [](const NetworkPart& a, const NetworkPart& b) {
    if (a.treatments.size() != b.treatments.size())
      return a.treatments.size() > b.treatments.size();
    return a.treatments.front() < b.treatments.front();
  });
  return ordered;
}

std::string treatments_text(const NetworkPart& part, std::size_t most) {
  if (part.treatments.size() <= most) return join(part.treatments);
  return fmt::format("{} and {} more", join(std::span(part.treatments).first(most)),
                     part.treatments.size() - most);
}

}  // namespace ganselect
