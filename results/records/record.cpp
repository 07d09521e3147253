#include "results/records/record.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/object_reader.h"
#include "base/text.h"
#include "results/records/record_parts.h"
#include "results/records/record_protocols.h"

namespace ganselect {
namespace {

constexpr std::array<std::pair<TrialStatus, std::string_view>, 4> kStatusNames = {{
    {TrialStatus::kFinished, "finished"},
    {TrialStatus::kDiverged, "diverged"},
    {TrialStatus::kCollapsed, "collapsed"},
    {TrialStatus::kFailed, "failed"},
}};

TrialStatus read_status(const ObjectReader& record) {
  const std::string text = record.text("status");
  std::vector<std::string> valid;
  for (const auto& [status, name] : kStatusNames) {
    if (name == text) return status;
    valid.emplace_back(name);
  }
  record.complain("status", "one of " + join(valid), "'" + text + "'");
}

RecordCandidate read_candidate(const ObjectReader& json) {
  RecordCandidate candidate;
  candidate.name = json.name("name");
  candidate.architecture = json.name("architecture");
  candidate.loss = json.name("loss");
  candidate.regularization = json.texts("regularization");
  candidate.divergence = json.text_or_null("divergence");
  for (const Json& table : json.array("tables")) {
    if (!table.is_number_integer() || table.get<std::int64_t>() < 1 ||
        table.get<std::int64_t>() > 7) {
      json.complain("tables", "numbers from 1 to 7", short_form(table));
    }
    candidate.tables.push_back(table.get<int>());
  }
  candidate.extension = json.flag("extension");
  if (json.has("same_training")) candidate.same_training = json.name("same_training");
  candidate.json = json.take();
  return candidate;
}

RecordBudget read_budget(const ObjectReader& json) {
  RecordBudget budget{.steps = json.count("steps", 0),
                      .batch = json.count("batch", 1),
                      .width = json.number("width", 0.0, false)};
  if (json.json().contains("images_seen")) budget.images_seen = json.count("images_seen", 0);
  return budget;
}

RecordDataset read_dataset(const ObjectReader& json) {
  RecordDataset dataset{.name = json.name("name"),
                        .split = json.text("split"),
                        .digest = json.name("digest"),
                        .count = json.count("count", 0)};
  if (!json.json().contains("shape")) return dataset;
  for (const Json& size : json.array("shape")) {
    if (!size.is_number_integer() || size.get<std::int64_t>() < 1)
      json.complain("shape", "whole numbers of at least 1", short_form(size));
    dataset.shape.push_back(size.get<std::int64_t>());
  }
  if (dataset.shape.empty()) json.complain("shape", "at least one number", "[]");
  if (json.has("modes")) dataset.modes = json.count("modes", 1);
  return dataset;
}

// A value that its measure cannot be was not measured: such a record is refused by name.
void check_value(const ObjectReader& values, const std::string& name, double value) {
  const auto* spec = find_metric_spec(name);
  if (spec == nullptr) return;
  constexpr double kRounding = 1e-6;  // of sums of many float64 numbers
  const auto bounds = bounds_of(*spec);
  const bool low = bounds.low && value < *bounds.low - kRounding;
  const bool high = bounds.high && value > *bounds.high + kRounding;
  if (low || high) values.complain(name, "a value in " + spec->range, shortest(value));
}

// Values, protocol, reasons and warnings lie side by side in a record. A finished trial must say
// why a value is missing; for the others their status says it.
Measures read_measures(const ObjectReader& json, bool reasons_needed) {
  Measures measures;
  const ObjectReader values = json.object("measures");
  const Json reasons = json.has("reason") ? json.object("reason").take() : Json::object();
  for (const auto& [name, reason] : reasons.items()) {
    if (!reason.is_string()) json.complain("reason." + name, "a string", short_form(reason));
    measures.reason[name] = reason.get<std::string>();
  }
  for (const auto& [name, value] : values.json().items()) {
    if (value.is_null()) {
      if (reasons_needed && measures.reason.count(name) == 0) {
        json.complain("reason." + name, "why measures." + name + " is null", "no such key");
      }
      measures.values[name] = std::nullopt;
    } else if (value.is_number() && std::isfinite(value.get<double>())) {
      measures.values[name] = value.get<double>();
      check_value(values, name, value.get<double>());
    } else {
      values.complain(name, "a finite number or null", short_form(value));
    }
  }
  measures.protocol = json.object("protocol").take();
  if (json.has("warnings")) {
    for (const Json& warning : json.array("warnings")) measures.warnings.push_back(warning);
  }
  if (json.has("intervals"))
    measures.intervals = intervals_from_json(json.object("intervals").json(), "record");
  return measures;
}

std::vector<RecordCheckpoint> read_checkpoints(const ObjectReader& record) {
  std::vector<RecordCheckpoint> checkpoints;
  for (std::size_t i = 0; i < record.array("checkpoints").size(); ++i) {
    const ObjectReader json = record.element("checkpoints", i);
    RecordCheckpoint checkpoint;
    checkpoint.step = json.count("step", 0);
    checkpoint.seconds = json.number("seconds", 0.0, true);
    checkpoint.full = json.json().contains("full") && json.flag("full");
    checkpoint.measures = read_measures(json, checkpoint.full);
    if (!checkpoints.empty() && checkpoint.step <= checkpoints.back().step) {
      json.complain("step",
                    "more than the step before it, " + std::to_string(checkpoints.back().step),
                    std::to_string(checkpoint.step));
    }
    checkpoints.push_back(std::move(checkpoint));
  }
  return checkpoints;
}

std::map<std::string, Measures> read_measures_by_detector(const ObjectReader& record,
                                                          bool reasons_needed) {
  std::map<std::string, Measures> by_detector;
  if (!record.json().contains("measures_by_detector")) return by_detector;
  const ObjectReader json = record.object("measures_by_detector");
  for (const auto& [name, measures] : json.json().items())
    by_detector[name] = read_measures(json.object(name), reasons_needed);
  return by_detector;
}

// Both or neither.
std::optional<RecordVersions> read_versions(const ObjectReader& record) {
  if (!record.json().contains("training_version") && !record.json().contains("evaluation_version"))
    return std::nullopt;
  return RecordVersions{.training = record.count("training_version", 1),
                        .evaluation = record.count("evaluation_version", 1)};
}

std::map<std::string, std::string> read_files(const ObjectReader& json) {
  std::map<std::string, std::string> files;
  for (const auto& [role, path] : json.json().items()) {
    if (path.is_null()) continue;
    const std::string text = json.name(role);
    const std::filesystem::path place(text);
    bool climbs = place.is_absolute();
    for (const auto& part : place) climbs = climbs || part == "..";
    if (climbs) json.complain(role, "a path inside the trial's folder", "'" + text + "'");
    files[role] = text;
  }
  return files;
}

// Keys of version 1; all others are kept as they are.
const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = {"schema_version",
                                                "kind",
                                                "trial_id",
                                                "plan",
                                                "candidate",
                                                "settings",
                                                "seed",
                                                "budget",
                                                "dataset",
                                                "provenance",
                                                "status",
                                                "status_detail",
                                                "measures",
                                                "protocol",
                                                "reason",
                                                "warnings",
                                                "checkpoints",
                                                "files",
                                                "intervals",
                                                "training_version",
                                                "evaluation_version",
                                                "measures_by_detector"};
  return keys;
}

// A change of the record's form adds a row here: the version it comes from and what makes the next.
struct Migration {
  int from_version;
  Json (*upgrade)(Json record);
};
const std::vector<Migration>& migrations() {
  static const std::vector<Migration> rows = {};
  return rows;
}

// The record in the present form, or nothing when it has that form already.
std::optional<Json> migrated(Json& json, const std::string& where) {
  const ObjectReader reader(json, where, "");
  std::int64_t version = reader.count("schema_version", 1);
  if (version == kRecordSchemaVersion) return std::nullopt;
  if (version > kRecordSchemaVersion) {
    reader.complain("schema_version", "at most " + std::to_string(kRecordSchemaVersion),
                    std::to_string(version),
                    "the record was written by a newer ganselect: update this one");
  }
  Json upgraded = json;
  for (const Migration& row : migrations()) {
    if (row.from_version == version) {
      upgraded = row.upgrade(std::move(upgraded));
      ++version;
    }
  }
  return upgraded;
}

void put_measures(Json& json, const Measures& measures) {
  Json values = Json::object();
  for (const auto& spec : metric_specs()) {
    const auto found = measures.values.find(spec.name);
    if (found != measures.values.end()) values[spec.name] = number_or_null(found->second);
  }
  for (const auto& [name, value] : measures.values) {
    if (!values.contains(name)) values[name] = number_or_null(value);
  }
  Json reasons = Json::object();
  for (const auto& [name, reason] : measures.reason) reasons[name] = reason;
  json["measures"] = std::move(values);
  json["protocol"] = measures.protocol;
  json["reason"] = std::move(reasons);
  json["warnings"] = Json(measures.warnings);
  if (!measures.intervals.empty()) json["intervals"] = intervals_to_json(measures.intervals);
}

template <class T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

std::string_view status_name(TrialStatus status) {
  for (const auto& [known, name] : kStatusNames) {
    if (known == status) return name;
  }
  fail(ErrorKind::kFailed, {.where = "status_name", .expected = "a trial status"});
}

TrialStatus outcome_of(const Record& record) {
  const bool lost = record.measure("collapsed").value_or(0.0) > 0.5;
  return record.status == TrialStatus::kFinished && lost ? TrialStatus::kCollapsed : record.status;
}

std::optional<std::string> outcome_reason(const Record& record) {
  if (record.status_detail.reason) return record.status_detail.reason;
  if (outcome_of(record) == record.status) return std::nullopt;
  return find_metric_spec("collapsed")->formula;
}

std::optional<double> Record::measure(const std::string& name) const {
  return measures.value(name);
}

std::string Record::missing_reason(const std::string& name) const {
  const auto found = measures.reason.find(name);
  if (found != measures.reason.end() && !found->second.empty()) return found->second;
  if (status == TrialStatus::kFinished) return "not measured";
  std::string text(status_name(status));
  if (status_detail.step) text += " at step " + std::to_string(*status_detail.step);
  return text;
}

RecordCandidate parse_candidate(const Json& json, const std::string& where) {
  Json copy = json;
  return read_candidate(ObjectReader(copy, where, ""));
}

RecordBudget budget_from_json(const Json& json, const std::string& where) {
  Json copy = json;
  return read_budget(ObjectReader(copy, where, "budget"));
}

RecordDataset dataset_from_json(const Json& json, const std::string& where) {
  Json copy = json;
  return read_dataset(ObjectReader(copy, where, "dataset"));
}

Record parse_record(Json json, const std::string& where) {
  if (auto upgraded = migrated(json, where)) json = std::move(*upgraded);
  spread_protocols(json, where);
  const ObjectReader reader(json, where, "");
  if (reader.text("kind") != "trial")
    reader.complain("kind", "'trial'", "'" + reader.text("kind") + "'");
  Record record;
  record.trial_id = reader.name("trial_id");
  record.plan = reader.text_or_null("plan");
  record.candidate = read_candidate(reader.object("candidate"));
  record.settings = reader.object("settings").take();
  record.seed = reader.seed("seed");
  record.budget = read_budget(reader.object("budget"));
  record.dataset = read_dataset(reader.object("dataset"));
  record.versions = read_versions(reader);
  record.provenance = reader.object("provenance").take();
  record.status = read_status(reader);
  const ObjectReader detail = reader.object("status_detail");
  if (detail.has("step")) record.status_detail.step = detail.count("step", 0);
  record.status_detail.reason = detail.text_or_null("reason");
  record.measures = read_measures(reader, record.status == TrialStatus::kFinished);
  record.measures_by_detector =
      read_measures_by_detector(reader, record.status == TrialStatus::kFinished);
  record.checkpoints = read_checkpoints(reader);
  record.files = read_files(reader.object("files"));
  for (auto& [key, value] : json.items()) {
    const auto& known = known_keys();
    if (std::find(known.begin(), known.end(), key) == known.end())
      record.extra[key] = std::move(value);
  }
  return record;
}

Json to_json(const RecordBudget& budget) {
  Json json = {{"steps", budget.steps}, {"batch", budget.batch}, {"width", budget.width}};
  if (budget.images_seen) json["images_seen"] = *budget.images_seen;
  return json;
}

Json to_json(const RecordDataset& dataset) {
  Json json = {{"name", dataset.name},
               {"split", dataset.split},
               {"digest", dataset.digest},
               {"count", dataset.count}};
  if (dataset.shape.empty()) return json;
  json["shape"] = dataset.shape;
  json["modes"] = value_or_null(dataset.modes);
  return json;
}

Json to_json(const Record& record) {
  Json json = {{"schema_version", kRecordSchemaVersion},
               {"kind", "trial"},
               {"trial_id", record.trial_id},
               {"plan", value_or_null(record.plan)},
               {"candidate", record.candidate.json},
               {"settings", record.settings},
               {"seed", record.seed},
               {"budget", to_json(record.budget)},
               {"dataset", to_json(record.dataset)}};
  if (record.versions) {
    json["training_version"] = record.versions->training;
    json["evaluation_version"] = record.versions->evaluation;
  }
  json["provenance"] = record.provenance;
  json["status"] = status_name(record.status);
  json["status_detail"] = {{"step", value_or_null(record.status_detail.step)},
                           {"reason", value_or_null(record.status_detail.reason)}};
  put_measures(json, record.measures);
  for (const auto& [name, measures] : record.measures_by_detector)
    put_measures(json["measures_by_detector"][name], measures);
  Json checkpoints = Json::array();
  for (const auto& checkpoint : record.checkpoints) {
    Json entry = {{"step", checkpoint.step}, {"seconds", checkpoint.seconds}};
    if (checkpoint.full) entry["full"] = true;
    put_measures(entry, checkpoint.measures);
    checkpoints.push_back(std::move(entry));
  }
  json["checkpoints"] = std::move(checkpoints);
  Json files = Json::object();
  for (const auto& [role, path] : record.files) files[role] = path;
  json["files"] = std::move(files);
  for (const auto& [key, value] : record.extra.items()) json[key] = value;
  if (record.versions) share_protocols(json);
  return json;
}

}  // namespace ganselect
