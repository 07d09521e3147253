#include "models/catalogue.h"

#include "models/candidate_json.h"

namespace ganselect {
namespace {

// Thousands of points, read at every question: short.
Json short_form(const CandidateSpec& point) {
  return {{"name", point.name},
          {"architecture", point.architecture},
          {"loss", point.loss},
          {"regularization", point.regularization},
          {"divergence", point.divergence ? Json(*point.divergence) : Json()},
          {"batch_norm_g", point.batch_norm_g},
          {"batch_norm_d", point.batch_norm_d},
          {"needs_labels", point.needs_labels}};
}

}  // namespace

Json catalogue_json() {
  Json named = Json::array(), space = Json::array();
  for (const auto& candidate : candidates()) named.push_back(candidate_to_json(candidate));
  for (const auto& point : valid_points()) space.push_back(short_form(point));
  return {{"candidates", named}, {"space", space}};
}

}  // namespace ganselect
