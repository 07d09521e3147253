#include "results/report/report_data.h"

#include <algorithm>
#include <map>
#include <set>

#include "results/records/compare.h"

namespace ganselect {
namespace {

// Equal objects are stored once; their place in `list` stands for them.
std::size_t place_in(Json& list, std::map<std::string, std::size_t>& places, const Json& object) {
  const auto [found, is_new] = places.emplace(object.dump(), list.size());
  if (is_new) list.push_back(object);
  return found->second;
}

// What a trial's own candidate decides stands with the trial, so that many share a context.
Json context_budget(const Record& record) {
  Json budget = to_json(record.budget);
  if (record.budget.images_seen) {
    budget.erase("batch");
    budget.erase("images_seen");
  }
  return budget;
}

Json context_json(const Record& record) {
  Json provenance = record.provenance;
  if (provenance.is_object()) provenance.erase("date");
  Json context = {{"protocol", record.measures.protocol},
                  {"dataset", to_json(record.dataset)},
                  {"budget", context_budget(record)},
                  {"provenance", provenance}};
  if (!record.measures.apart.empty()) context["protocol_apart"] = record.measures.protocol_apart;
  if (record.versions)
    context["versions"] = {{"training", record.versions->training},
                           {"evaluation", record.versions->evaluation}};
  return context;
}

Json trial_page_json(const Record& record, std::size_t context) {
  Json values = Json::object(), reasons = Json::object();
  for (const auto& [name, value] : record.measures.values) {
    values[name] = number_or_null(value);
    if (!value) reasons[name] = record.missing_reason(name);
  }
  const auto& step = record.status_detail.step;
  const auto why = outcome_reason(record);
  const auto date = record.provenance.find("date");
  return {
      {"id", record.trial_id},
      {"candidate", record.candidate.name},
      {"seed", std::to_string(record.seed)},
      {"status", status_name(outcome_of(record))},
      {"step", step ? Json(*step) : Json()},
      {"reason", why ? Json(*why) : Json()},
      {"plan", record.plan ? Json(*record.plan) : Json()},
      {"date", date == record.provenance.end() ? Json() : *date},
      {"batch", record.budget.batch},
      {"images_seen", record.budget.images_seen ? Json(*record.budget.images_seen) : Json(nullptr)},
      {"context", context},
      {"values", values},
      {"reasons", reasons}};
}

Json measure_page_json(const std::string& name, const Json& protocol) {
  Json json = {{"label", display_name(name, protocol)}};
  const MetricSpec* spec = find_metric_spec(name);
  if (spec == nullptr) return json;
  json.update({{"unit", spec->unit},
               {"direction", direction_name(spec->direction)},
               {"range", spec->range},
               {"explanation", spec->explanation},
               {"formula", spec->formula},
               {"source", spec->source}});
  return json;
}

std::vector<const Record*> in_page_order(std::span<const Record> records) {
  std::vector<const Record*> order;
  for (const auto& record : records) order.push_back(&record);
  std::sort(order.begin(), order.end(), [](const Record* a, const Record* b) {
    return std::tie(a->candidate.name, a->seed, a->trial_id) <
           std::tie(b->candidate.name, b->seed, b->trial_id);
  });
  return order;
}

}  // namespace

Json report_trials_json(std::span<const Record> records) {
  Json contexts = Json::array(), trials = Json::array(), measures = Json::object();
  std::map<std::string, std::size_t> places;
  std::map<std::string, Json> met;  // measure -> protocol of a trial that has a value, if any
  for (const Record* record : in_page_order(records)) {
    trials.push_back(trial_page_json(*record, place_in(contexts, places, context_json(*record))));
    for (const auto& [name, value] : record->measures.values) {
      if (value || !met.contains(name)) met[name] = record->measures.protocol_of(name);
    }
  }
  for (const auto& [name, protocol] : met) measures[name] = measure_page_json(name, protocol);
  return {{"contexts", contexts}, {"measures", measures}, {"trials", trials}};
}

}  // namespace ganselect
