#include "results/records/at_checkpoint.h"

#include <algorithm>

#include "base/collapse.h"
#include "base/error.h"
#include "base/text.h"

namespace ganselect {
namespace {

bool ran_to_its_end(const Record& record) {
  return record.status == TrialStatus::kFinished ||
         (record.status == TrialStatus::kCollapsed && !record.status_detail.step);
}

const RecordCheckpoint* full_checkpoint(const Record& record, std::int64_t step) {
  for (const auto& checkpoint : record.checkpoints) {
    if (checkpoint.full && checkpoint.step == step) return &checkpoint;
  }
  return nullptr;
}

// Sizes, speed and memory do not change along training; the time does.
void copy_cost(const Record& record, const RecordCheckpoint& checkpoint, Measures& measures) {
  for (const auto& [name, value] : record.measures.values) {
    const auto* spec = find_metric_spec(name);
    if (spec == nullptr || spec->group != MetricGroup::kCost) continue;
    measures.values[name] = value;
    if (!value) measures.reason[name] = record.missing_reason(name);
    const Json::json_pointer settings("/measures/" + name);
    if (record.measures.protocol.contains(settings))
      measures.protocol[settings] = record.measures.protocol.at(settings);
  }
  if (record.measure("train_seconds")) measures.values["train_seconds"] = checkpoint.seconds;
}

// What the checkpoints up to this one say of stability; the curve is not looked at.
void add_stability(const Record& record, std::int64_t step, Measures& measures) {
  for (const auto& [name, value] : record.measures.values) {
    const auto* spec = find_metric_spec(name);
    if (spec == nullptr || spec->group != MetricGroup::kStability) continue;
    measures.values[name] = std::nullopt;
    measures.reason[name] = "known of the whole training alone";
  }
  std::vector<double> fids, modes;
  for (const auto& checkpoint : record.checkpoints) {
    if (!checkpoint.full || checkpoint.step > step) continue;
    if (const auto fid = checkpoint.measures.value("fid")) fids.push_back(*fid);
    if (const auto count = checkpoint.measures.value("modes")) modes.push_back(*count);
  }
  const auto set = [&measures](const std::string& name, double value) {
    measures.values[name] = value;
    measures.reason.erase(name);
  };
  if (!fids.empty()) {
    set("fid_best", *std::min_element(fids.begin(), fids.end()));
    set("fid_last", fids.back());
  }
  if (const auto collapsed = fell_apart(fids, modes)) {
    set("collapsed", *collapsed ? 1.0 : 0.0);
  } else {
    measures.values["collapsed"] = std::nullopt;
    measures.reason["collapsed"] = "fewer than 2 evaluations";
  }
}

}  // namespace

std::vector<std::int64_t> measured_steps(const Record& record) {
  std::vector<std::int64_t> steps;
  for (const auto& checkpoint : record.checkpoints) {
    if (checkpoint.full && checkpoint.step > 0) steps.push_back(checkpoint.step);
  }
  const std::int64_t end = record.budget.steps;
  if (ran_to_its_end(record) && (steps.empty() || steps.back() < end)) steps.push_back(end);
  return steps;
}

std::optional<double> seconds_at(const Record& record, std::int64_t step) {
  if (const auto* checkpoint = full_checkpoint(record, step)) return checkpoint->seconds;
  return step == record.budget.steps ? record.measure("train_seconds") : std::nullopt;
}

Record record_at(const Record& record, std::int64_t step) {
  if (step == record.budget.steps && ran_to_its_end(record)) return record;
  const auto* checkpoint = full_checkpoint(record, step);
  if (checkpoint == nullptr) {
    std::vector<std::string> known;
    for (const auto measured : measured_steps(record)) known.push_back(std::to_string(measured));
    fail(ErrorKind::kData, {.where = record.trial_id,
                            .expected = "an update at which everything was measured: " +
                                        (known.empty() ? "there is none" : join(known)),
                            .got = std::to_string(step)});
  }
  Record at = record;
  at.measures = checkpoint->measures;
  copy_cost(record, *checkpoint, at.measures);
  add_stability(record, step, at.measures);
  at.measures_by_detector.clear();
  at.status = TrialStatus::kFinished;
  at.status_detail = {};
  if (at.budget.images_seen && at.budget.steps > 0)
    at.budget.images_seen = *at.budget.images_seen * step / at.budget.steps;
  at.budget.steps = step;
  std::erase_if(at.checkpoints, [&](const auto& later) { return later.step > step; });
  return at;
}

}  // namespace ganselect
