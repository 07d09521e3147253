#include "results/records/seen_by.h"

#include <algorithm>
#include <utility>

namespace ganselect {
namespace {

// Classes that a general detector tells apart are not the data's.
bool rests_on_features(const MetricSpec& spec) {
  return spec.per_detector && spec.needs.find("features") != std::string::npos;
}

}  // namespace

std::optional<Record> seen_by(const Record& record, const std::string& detector) {
  const auto found = record.measures_by_detector.find(detector);
  if (found == record.measures_by_detector.end() || !found->second.value("fid"))
    return std::nullopt;
  const Measures& theirs = found->second;
  Record seen = record;
  Measures& measures = seen.measures;
  measures.protocol_apart = std::exchange(measures.protocol, theirs.protocol);
  for (auto& [name, value] : measures.values) {
    const auto* spec = find_metric_spec(name);
    if (spec == nullptr || spec->group != MetricGroup::kSample) continue;
    const auto other = theirs.values.find(name);
    if (!rests_on_features(*spec) || other == theirs.values.end()) {
      if (value) measures.apart.insert(name);
      continue;
    }
    value = other->second;
    measures.intervals.erase(name);
    measures.reason.erase(name);
    if (const auto why = theirs.reason.find(name); why != theirs.reason.end() && !value)
      measures.reason[name] = why->second;
    if (const auto interval = theirs.intervals.find(name); interval != theirs.intervals.end())
      measures.intervals.insert(*interval);
  }
  for (const auto& warning : theirs.warnings) {
    auto& all = measures.warnings;
    if (std::find(all.begin(), all.end(), warning) == all.end()) all.push_back(warning);
  }
  return seen;
}

std::vector<Record> all_seen_by(std::vector<Record> records, const std::string& detector) {
  for (auto& record : records) {
    if (auto seen = seen_by(record, detector)) record = std::move(*seen);
  }
  return records;
}

}  // namespace ganselect
