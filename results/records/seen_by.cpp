#include "results/records/seen_by.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"

namespace ganselect {
namespace {

// Classes that a general detector tells apart are not the data's.
bool rests_on_features(const MetricSpec& spec) {
  return spec.per_detector && spec.needs.find("features") != std::string::npos;
}

// What `detector` measured of the record; nothing without a FID.
const Measures* measures_of(const Record& record, const std::string& detector) {
  const auto found = record.measures_by_detector.find(detector);
  const bool there = found != record.measures_by_detector.end() && found->second.value("fid");
  return there ? &found->second : nullptr;
}

void take_over(const Measures& theirs, Measures& measures) {
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
}

}  // namespace

std::optional<Record> seen_by(const Record& record, const std::string& detector) {
  const auto* theirs = measures_of(record, detector);
  if (theirs == nullptr) return std::nullopt;
  Record seen = record;
  take_over(*theirs, seen.measures);
  return seen;
}

std::vector<Record> all_seen_by(std::vector<Record> records, const std::string& detector) {
  parallel_for(records.size(), [&](std::size_t i) {
    auto& record = records[i];
    if (const auto* theirs = measures_of(record, detector)) take_over(*theirs, record.measures);
  });
  return records;
}

}  // namespace ganselect
