#include "selection/advice/page_ranking.h"

#include <array>
#include <optional>

#include "selection/evidence/viability.h"

namespace ganselect {
namespace {

// Evidence for wishes that do not care about the machine, and for those that do.
struct PageGroup {
  bool same_machine = false;
  std::optional<Evidence> evidence;
  std::string error;  // why there is no evidence
};

PageGroup page_group(std::span<const Record> records, const AdviceInput& input, bool same_machine) {
  PageGroup group{same_machine, std::nullopt, ""};
  try {
    group.evidence = gather_evidence(
        records,
        {.dataset = input.dataset, .same_machine = same_machine, .baselines = input.baselines});
  } catch (const Error& error) {
    group.error = error.what();
  }
  return group;
}

Json trial_json(const TrialEvidence& trial) {
  Json scores = Json::array(), available = Json::array(), missing = Json::array();
  for (const auto& value : trial.criteria) {
    scores.push_back(number_or_null(value.score));
    available.push_back(value.available);
    missing.push_back(value.missing);
  }
  return {{"id", trial.record->trial_id},
          {"seed", std::to_string(trial.record->seed)},  // 64 bits
          {"scores", scores},
          {"available", available},
          {"missing", missing}};
}

Json group_json(const PageGroup& group) {
  Json json = {{"same_machine", group.same_machine},
               {"error", group.error.empty() ? Json() : Json(group.error)},
               {"description", nullptr},
               {"protocol", Json::object()},
               {"warnings", Json::array()},
               {"candidates", Json::array()}};
  if (!group.evidence) return json;
  json["description"] = group.evidence->description;
  json["protocol"] = group.evidence->protocol;
  json["warnings"] = group.evidence->warnings;
  for (const auto& candidate : group.evidence->candidates) {
    Json trials = Json::array(), failed = Json::array();
    for (const auto& trial : candidate.trials) trials.push_back(trial_json(trial));
    for (const auto* record : candidate.failed) failed.push_back(record->trial_id);
    json["candidates"].push_back(
        {{"name", candidate.name}, {"trials", trials}, {"failed", failed}});
  }
  return json;
}

const char* sample_kind_name(SampleKind kind) {
  switch (kind) {
    case SampleKind::kImages:
      return "images";
    case SampleKind::kPoints:
      return "points";
    case SampleKind::kAny:
      break;
  }
  return "any";
}

Json criteria_json() {
  Json json = Json::array();
  for (const auto& name : criterion_names()) {
    const auto& spec = criteria().at(name.name);
    Json components = Json::array();
    for (const auto& component : spec.components)
      components.push_back({{"share", component.share},
                            {"formula", component.formula},
                            {"kind", sample_kind_name(component.kind)}});
    json.push_back({{"name", name.name}, {"meaning", name.meaning}, {"components", components}});
  }
  return json;
}

// Candidates that stand outside any order for the use case, with the reason, by group.
Json unmet_json(const std::array<PageGroup, 2>& groups, const UseCase& use_case) {
  Json by_group = Json::array();
  for (const auto& group : groups) {
    Json unmet = Json::object();
    if (group.evidence) {
      for (const auto& candidate : group.evidence->candidates) {
        if (auto reason =
                reason_to_exclude(candidate, use_case.constraints, group.evidence->baselines))
          unmet[candidate.name] = *reason;
      }
    }
    by_group.push_back(unmet);
  }
  return by_group;
}

// The answer without the long lists that a page shows once for all presets or not at all.
Json short_answer(std::span<const Record> records, AdviceInput input, const Preset& preset) {
  input.use_case = preset.use_case;
  input.query = preset.name;
  try {
    // The page ranks by own trials for any weights; what published studies decide is told beside
    // it.
    AdviceInput own = input;
    own.evidence_from = "own";
    Advice advice = advise(records, own);
    Json json = advice_to_json(advice);
    consult_published(advice, input);
    const Json told = advice_to_json(advice);
    for (const char* key : {"shortlist", "published", "summary", "how_sure", "published_says"})
      json[key] = told.at(key);
    for (auto& row : json["ranking"]) {
      for (const char* key : {"measures", "evidence", "criteria", "missing", "known"})
        row.erase(key);
    }
    for (const char* key : {"excluded", "not_measured"}) {
      for (auto& row : json[key]) row.erase("survey_says");
    }
    json["space"].erase("points");
    return json;
  } catch (const Error& error) {
    return {{"error", error.what()}};
  }
}

}  // namespace

Json page_ranking(std::span<const Record> records, const AdviceInput& input) {
  const std::array<PageGroup, 2> groups = {page_group(records, input, false),
                                           page_group(records, input, true)};
  Json presets_json = Json::array();
  for (const auto& preset : presets()) {
    Json entry = {{"name", preset.name}, {"meaning", preset.meaning}};
    entry.update(to_json(preset.use_case));
    entry["same_machine"] = needs_one_machine(preset.use_case);
    entry["unmet"] = unmet_json(groups, preset.use_case);
    entry["answer"] = short_answer(records, input, preset);
    presets_json.push_back(std::move(entry));
  }
  return {{"criteria", criteria_json()},
          {"groups", Json::array({group_json(groups[0]), group_json(groups[1])})},
          {"presets", presets_json}};
}

}  // namespace ganselect
