#include "selection/evidence/literature_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "results/literature/arm_components.h"
#include "selection/evidence/effect_scale.h"

namespace ganselect {
namespace {

// A name without case, spaces and marks.
std::string plain(const std::string& name) {
  std::string out;
  for (const unsigned char c : name) {
    if (std::isalnum(c) != 0) out.push_back(static_cast<char>(std::tolower(c)));
  }
  return out;
}

std::vector<std::string> architectures_of(std::span<const Study> studies) {
  std::set<std::string> names;
  for (const auto& study : studies) {
    for (const auto& arm : study.arms) names.insert(arm_components(arm).architecture);
  }
  return {names.begin(), names.end()};
}

[[noreturn]] void fail_unknown(const char* where, const std::string& got,
                               const std::vector<std::string>& names) {
  const auto nearest = nearest_name(got, names);
  fail(ErrorKind::kUsage, {.where = where,
                           .expected = "one of " + join(names),
                           .got = "'" + got + "'",
                           .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
}

// A flag whose value no study has is a slip, not an empty answer.
void check_filter(std::span<const Study> studies, const LiteratureFilter& filter) {
  if (filter.dataset) {
    const auto names = datasets_of(studies);
    if (std::none_of(names.begin(), names.end(),
                     [&](const std::string& name) { return same_dataset(name, *filter.dataset); }))
      fail_unknown("data set", *filter.dataset, names);
  }
  if (filter.backbone) {
    const auto names = architectures_of(studies);
    if (std::find(names.begin(), names.end(), *filter.backbone) == names.end())
      fail_unknown("backbone", *filter.backbone, names);
  }
}

bool passes(const Study& study, const LiteratureFilter& filter) {
  if (filter.dataset && !same_dataset(study.dataset, *filter.dataset)) return false;
  if (filter.resolution && study.resolution != filter.resolution) return false;
  if (filter.labels && study.labels != *filter.labels) return false;
  if (filter.least_images && !(study.train_images && *study.train_images >= *filter.least_images))
    return false;
  if (filter.most_images && !(study.train_images && *study.train_images <= *filter.most_images))
    return false;
  return true;
}

// Deviation of one training; only a spread between trainings is one.
std::optional<double> deviation_of(const MeasureValue& value, double trainings) {
  if (value.sd) return value.sd;
  if (value.se && trainings > 1.0) return *value.se * std::sqrt(trainings);
  return std::nullopt;
}

std::string stated(const std::string& name) { return name == kNotStated ? "" : name; }

ArmParts parts_of(const ArmComponents& made) {
  ArmParts parts{stated(made.architecture), stated(made.loss), {}, stated(made.d_norm)};
  for (const auto& name : made.regularization) {
    if (name != kNotStated) parts.regularization.push_back(name);
  }
  parts.augmentation = made.augmentation;
  parts.labels = made.conditional;
  return parts;
}

struct Counts {
  std::size_t overlapping = 0, unreliable = 0, loose = 0, diverged = 0, capped = 0, held = 0;
};

class NetworkMaker {
 public:
  NetworkMaker(const LiteratureMeasure& measure, const LiteratureFilter& filter)
      : measure_(measure), filter_(filter) {}

  void add(const Study& study) {
    if (!passes(study, filter_)) return;
    if (!study.independent && !filter_.overlapping) {
      ++counts_.overlapping;
      return;
    }
    if (study.reliability == Reliability::kLow && !filter_.unreliable) {
      ++counts_.unreliable;
      return;
    }
    NetworkStudy out{study.id, study.group, false, {}};
    for (const auto& arm : study.arms) {
      if (auto made = arm_of(study, arm)) out.arms.push_back(std::move(*made));
    }
    if (out.arms.empty()) return;
    network_.citations.emplace(study.group, study.citation);
    network_.studies.push_back(std::move(out));
  }

  LiteratureNetwork take() {
    const auto note = [&](std::size_t count, const std::string& text) {
      if (count > 0) network_.notes.push_back(fmt::format("{} {}", count, text));
    };
    note(counts_.overlapping, "studies repeat others of their source and are left out");
    note(counts_.unreliable, "studies of low reliability are left out");
    note(counts_.loose, "arms share only their loss with a candidate and are left out");
    note(counts_.diverged, "arms diverged or have no number at all");
    note(counts_.capped, fmt::format("values above {} count as {}", shortest(filter_.most_fid),
                                     shortest(filter_.most_fid)));
    note(counts_.held,
         fmt::format("shares nearer to 0 or 1 than {} count as that", shortest(kNearestShare)));
    return std::move(network_);
  }

 private:
  std::optional<NetworkArm> arm_of(const Study& study, const Arm& arm) {
    if (arm.measures.empty()) {
      ++counts_.diverged;
      return std::nullopt;
    }
    const auto found = arm.measures.find(measure_.name);
    if (found == arm.measures.end()) return std::nullopt;
    const ArmComponents made = arm_components(arm);
    if (filter_.backbone && made.architecture != *filter_.backbone) return std::nullopt;
    const bool loose = made.match == ArmMatch::kLoose;
    if (loose && !filter_.loose) {
      ++counts_.loose;
      return std::nullopt;
    }
    double mean = found->second.mean;
    if (measure_.ours == "fid" && mean > filter_.most_fid) {
      mean = filter_.most_fid;
      ++counts_.capped;
    }
    const auto whole = measure_whole(measure_, study);
    const auto effect = effect_of(measure_, mean, whole);
    if (!effect) return std::nullopt;
    counts_.held += effect->held ? 1 : 0;
    NetworkArm out{arm.candidate + (loose ? " (loose)" : ""), effect->y};
    out.trainings = static_cast<double>(std::max<std::int64_t>(1, study.seeds.n.value_or(1)));
    if (const auto deviation = deviation_of(found->second, out.trainings)) {
      const auto variance = effect_variance(measure_, found->second.mean, *deviation, whole);
      if (variance) out.variance = *variance / out.trainings;
    }
    out.parts = parts_of(made);
    return out;
  }

  const LiteratureMeasure& measure_;
  const LiteratureFilter& filter_;
  Counts counts_;
  LiteratureNetwork network_;
};

}  // namespace

bool same_dataset(const std::string& a, const std::string& b) { return plain(a) == plain(b); }

std::vector<std::string> datasets_of(std::span<const Study> studies) {
  std::map<std::string, std::string> names;
  for (const auto& study : studies) names.emplace(plain(study.dataset), study.dataset);
  std::vector<std::string> out;
  for (const auto& [key, name] : names) out.push_back(name);
  return out;
}

LiteratureNetwork network_from_studies(std::span<const Study> studies, const std::string& measure,
                                       const LiteratureFilter& filter) {
  const auto& row = poolable_measure(measure);
  check_filter(studies, filter);
  NetworkMaker maker(row, filter);
  for (const auto& study : studies) maker.add(study);
  LiteratureNetwork network = maker.take();
  if (connected_parts(network.studies).empty()) {
    fail(ErrorKind::kData, {.where = "published studies",
                            .expected = "one that compares two candidates by " + measure +
                                        (filter.dataset ? " on " + *filter.dataset : ""),
                            .got = "none",
                            .hint = "ganselect literature list shows what was compared"});
  }
  return network;
}

}  // namespace ganselect
