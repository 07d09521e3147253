#include "results/records/compare.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace {

constexpr const char* kAbsent = "absent";

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The first leaf, in the order of key names, in which two values differ. Keys in `ignored` do not
// count at any depth. 5 and 5.0 are one number.
std::optional<ProtocolDifference> first_difference(const Json& first, const Json& second,
                                                   const std::string& path,
                                                   const std::vector<std::string>& ignored) {
  if (!first.is_object() || !second.is_object()) {
    if (first == second) return std::nullopt;
    return ProtocolDifference{path, plain_text(first), plain_text(second)};
  }
  std::set<std::string> keys;
  for (const auto& [key, value] : first.items()) keys.insert(key);
  for (const auto& [key, value] : second.items()) keys.insert(key);
  for (const auto& key : keys) {
    if (std::find(ignored.begin(), ignored.end(), key) != ignored.end()) continue;
    const std::string key_path = path.empty() ? key : path + "." + key;
    const auto a = first.find(key);
    const auto b = second.find(key);
    if (a == first.end()) return ProtocolDifference{key_path, kAbsent, plain_text(*b)};
    if (b == second.end()) return ProtocolDifference{key_path, plain_text(*a), kAbsent};
    if (auto found = first_difference(*a, *b, key_path, ignored)) return found;
  }
  return std::nullopt;
}

// True when first_difference would find none; quick where keys stand in one order, as they do in
// records of one program.
bool is_alike(const Json& first, const Json& second, const std::vector<std::string>& ignored) {
  if (!first.is_object() || !second.is_object()) return first == second;
  if (first.size() != second.size()) return !first_difference(first, second, "", ignored);
  auto b = second.begin();
  for (auto a = first.begin(); a != first.end(); ++a, ++b) {
    if (a.key() != b.key()) return !first_difference(first, second, "", ignored);
    if (std::find(ignored.begin(), ignored.end(), a.key()) != ignored.end()) continue;
    if (!is_alike(*a, *b, ignored)) return false;
  }
  return true;
}

Json dataset_field(const Record& record, const std::string& key) {
  if (key == "name") return record.dataset.name;
  if (key == "split") return record.dataset.split;
  if (key == "digest") return record.dataset.digest;
  return record.dataset.count;
}

Json budget_field(const Record& record, const std::string& key) {
  if (key == "steps") return record.budget.steps;
  if (key == "batch") return record.budget.batch;
  return record.budget.width;
}

Json object_field(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? Json(kAbsent) : *found;
}

bool is_in(const ProtocolField& field, std::string_view part) {
  return field.name.starts_with(part);
}

// The value of a dotted path of protocol_fields().
Json field_value(const Record& record, const ProtocolField& field) {
  const std::string key = field.name.substr(field.name.find('.') + 1);
  if (is_in(field, "dataset.")) return dataset_field(record, key);
  if (is_in(field, "budget.")) return budget_field(record, key);
  return object_field(is_in(field, "settings.") ? record.settings : record.provenance, key);
}

// The same without a copy, for the fields that are JSON in the record; nullptr when absent.
const Json* settings_or_provenance(const Record& record, const ProtocolField& field) {
  const bool settings = is_in(field, "settings.");
  if (!settings && !is_in(field, "provenance.")) return nullptr;
  const Json& object = settings ? record.settings : record.provenance;
  const auto found = object.find(std::string_view(field.name).substr(field.name.find('.') + 1));
  return found == object.end() ? nullptr : &*found;
}

std::optional<ProtocolDifference> field_difference(const Record& first, const Record& second,
                                                   const ProtocolField& field) {
  // Most pairs agree, and a report compares very many of them: spare them the JSON.
  if (is_in(field, "dataset.") && first.dataset == second.dataset) return std::nullopt;
  if (is_in(field, "budget.") && first.budget == second.budget) return std::nullopt;
  if (const auto* a = settings_or_provenance(first, field)) {
    const auto* b = settings_or_provenance(second, field);
    if (b != nullptr && is_alike(*a, *b, {})) return std::nullopt;
  }
  return first_difference(field_value(first, field), field_value(second, field), field.name, {});
}

bool is_machine_unit(const std::string& unit) {
  return unit == "s" || unit == "1/s" || unit == "bytes";
}

// What decides which fields govern a measure. One of no spec is taken for a sample measure.
struct MeasureTraits {
  explicit MeasureTraits(const std::string& measure) {
    const MetricSpec* spec = find_metric_spec(measure);
    if (spec == nullptr) return;
    group = spec->group;
    per_detector = spec->per_detector;
    on_machine = is_machine_unit(spec->unit);
  }
  MetricGroup group = MetricGroup::kSample;
  bool per_detector = true;
  bool on_machine = false;
};

bool governs(const ProtocolField& field, const MeasureTraits& traits) {
  switch (field.scope) {
    case FieldScope::kEverything:
      return true;
    case FieldScope::kCurve:
      return traits.group == MetricGroup::kStability;
    case FieldScope::kMachine:
      return traits.on_machine;
  }
  return true;
}

// `protocol` as far as it concerns one measure: the settings of the others left out, and the
// detector too where the measure does not look through one.
Json protocol_of_measure(const Json& protocol, const std::string& measure, bool per_detector) {
  Json part = Json::object();
  for (const auto& [key, value] : protocol.items()) {
    const bool of_detector = key == "detector" || key == "detector_digest";
    if (key != "measures" && (per_detector || !of_detector)) part[key] = value;
  }
  const auto settings = protocol.find("measures");
  if (settings != protocol.end() && settings->is_object() && settings->contains(measure)) {
    Json& mine = part["measures"][measure] = (*settings)[measure];
    // In words: how the generator was asked, which follows from the candidate ("conditioned on
    // unseen instances", "as they come"). A number of samples counts.
    if (mine.is_object() && mine.contains("samples") && mine["samples"].is_string())
      mine.erase("samples");
  }
  return part;
}

// Samples of another program were drawn as they were drawn.
bool is_as_given(const Json& protocol) {
  const auto mode = protocol.find("mode");
  return mode != protocol.end() && *mode == "as given";
}

// How a generator was sampled is not asked of samples that came without one.
Json without_sampling(Json protocol) {
  for (const char* key : {"mode", "weights", "sampling", "samples_digest", "samples_drawn"})
    protocol.erase(key);
  return protocol;
}

std::optional<ProtocolDifference> protocol_object_difference(const Json& first, const Json& second,
                                                             const std::string& measure,
                                                             bool per_detector,
                                                             const std::string& path) {
  if (is_alike(first, second, ignored_protocol_keys())) return std::nullopt;
  Json one = protocol_of_measure(first, measure, per_detector);
  Json other = protocol_of_measure(second, measure, per_detector);
  if (is_as_given(first) || is_as_given(second)) {
    one = without_sampling(std::move(one));
    other = without_sampling(std::move(other));
  }
  return first_difference(one, other, path, ignored_protocol_keys());
}

// Stability measures of FID come from the checkpoints, which may be measured with fewer samples.
const Json* checkpoint_protocol(const Record& record) {
  for (const auto& checkpoint : record.checkpoints) {
    if (!checkpoint.measures.protocol.empty()) return &checkpoint.measures.protocol;
  }
  return nullptr;
}

// The difference of one measure between two records whose trials are comparable; both have a value.
std::optional<ProtocolDifference> measure_difference(const Record& first, const Record& second,
                                                     const std::string& measure,
                                                     const MeasureTraits& traits) {
  for (const auto& field : protocol_fields()) {
    if (field.scope == FieldScope::kEverything || !governs(field, traits)) continue;
    if (auto found = field_difference(first, second, field)) return found;
  }
  if (traits.group == MetricGroup::kSample) {
    return protocol_object_difference(first.measures.protocol_of(measure),
                                      second.measures.protocol_of(measure), measure,
                                      traits.per_detector, "protocol");
  }
  if (traits.group != MetricGroup::kStability || !traits.per_detector) return std::nullopt;
  const Json* a = checkpoint_protocol(first);
  const Json* b = checkpoint_protocol(second);
  if (a == nullptr || b == nullptr) return std::nullopt;
  return protocol_object_difference(*a, *b, "fid", true, "checkpoints.protocol");
}

// Settings that say where and how closely a trial was watched, not what was trained.
const std::vector<std::string>& settings_of_the_run() {
  static const std::vector<std::string> keys = {"seed",           "device",   "threads",
                                                "curve_interval", "data_dir", "evaluation_interval",
                                                "evaluation",     "out"};
  return keys;
}

// What defines a candidate: its four parameters and every figure. Other texts only describe it, and
// may be reworded without making it another candidate.
Json defining_part(const Json& candidate) {
  static const std::vector<std::string> defining_texts = {"name", "architecture", "loss",
                                                          "divergence", "conditioning"};
  static const std::vector<std::string> places = {"tables", "extension"};
  Json part = Json::object();
  for (const auto& [key, value] : candidate.items()) {
    const bool named =
        std::find(defining_texts.begin(), defining_texts.end(), key) != defining_texts.end();
    const bool place = std::find(places.begin(), places.end(), key) != places.end();
    const bool texts =
        key != "regularization" && value.is_array() &&
        std::any_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
    if (named || !(value.is_string() || place || texts)) part[key] = value;
  }
  return part;
}

Json configuration_json(const Record& record) {
  Json settings = record.settings;
  for (const auto& key : settings_of_the_run()) settings.erase(key);
  return {{"candidate", defining_part(record.candidate.json)},
          {"settings", settings},
          {"dataset", {{"name", record.dataset.name}, {"digest", record.dataset.digest}}},
          {"budget",
           {{"steps", record.budget.steps},
            {"batch", record.budget.batch},
            {"width", record.budget.width}}}};
}

}  // namespace

const std::vector<ProtocolField>& protocol_fields() {
  static const std::vector<ProtocolField> fields = {
      {"dataset.name"},
      {"dataset.split"},
      {"dataset.digest"},
      {"dataset.count"},
      {"budget.steps"},
      {.name = "budget.batch", .before_versions = true},  // the candidate's own since
      {"budget.width"},
      {"settings.precision"},
      {"settings.ema_decay"},
      {"settings.init_digest"},  // a fine-tuned trial had more training than its steps
      {"settings.on_collapse"},
      {"settings.evaluation_interval", FieldScope::kCurve},
      {"settings.curve_interval", FieldScope::kCurve},
      {"settings.device", FieldScope::kMachine},
      {"settings.threads", FieldScope::kMachine},
      {"provenance.device", FieldScope::kMachine},
      {"provenance.cpu", FieldScope::kMachine},
      {"provenance.libtorch", FieldScope::kMachine},
      {"provenance.gpu", FieldScope::kMachine},
  };
  return fields;
}

bool depends_on_machine(const std::string& measure) { return MeasureTraits(measure).on_machine; }

const std::vector<std::string>& ignored_protocol_keys() {
  static const std::vector<std::string> keys = {"seed", "path", "file", "date", "seconds"};
  return keys;
}

std::optional<ProtocolDifference> trial_difference(const Record& first, const Record& second) {
  for (const auto& field : protocol_fields()) {
    if (field.scope != FieldScope::kEverything) continue;
    if (field.before_versions && (first.versions || second.versions)) continue;
    if (auto found = field_difference(first, second, field)) return found;
  }
  return std::nullopt;
}

std::optional<ProtocolDifference> protocol_difference(const Record& first, const Record& second,
                                                      const std::string& measure) {
  if (auto found = trial_difference(first, second)) return found;
  if (!first.measure(measure) || !second.measure(measure)) return std::nullopt;
  return measure_difference(first, second, measure, MeasureTraits(measure));
}

std::optional<ProtocolDifference> measures_difference(const Record& first, const Record& second,
                                                      const std::vector<std::string>& measures) {
  // Most pairs agree in the whole protocol, which settles all measures of samples at once.
  const bool alike =
      is_alike(first.measures.protocol, second.measures.protocol, ignored_protocol_keys()) &&
      first.measures.apart == second.measures.apart &&
      is_alike(first.measures.protocol_apart, second.measures.protocol_apart,
               ignored_protocol_keys());
  for (const auto& measure : measures) {
    if (!first.measure(measure) || !second.measure(measure)) continue;
    const MeasureTraits traits(measure);
    if (alike && traits.group == MetricGroup::kSample && !traits.on_machine) continue;
    if (auto found = measure_difference(first, second, measure, traits)) return found;
  }
  return std::nullopt;
}

void refuse_mixing(const Record& first, const Record& second, const std::string& measure,
                   const ProtocolDifference& difference) {
  fail(ErrorKind::kProtocol,
       {.where = measure.empty() ? "results" : measure,
        .expected = "one protocol in every record",
        .got = difference.field + " '" + difference.first + "' in " + first.trial_id + " and '" +
               difference.second + "' in " + second.trial_id,
        .hint = "choose among the records with --from-plan, --dataset, --detector, --steps or "
                "--width, or name a narrower folder with --results"});
}

void require_one_protocol(std::span<const Record* const> records,
                          const std::vector<std::string>& measures) {
  if (records.empty()) return;
  for (const Record* record : records) {
    if (auto found = trial_difference(*records.front(), *record)) {
      refuse_mixing(*records.front(), *record, "", *found);
    }
  }
  for (const auto& measure : measures) {
    const MeasureTraits traits(measure);
    const Record* reference = nullptr;
    for (const Record* record : records) {
      if (!record->measure(measure)) continue;
      if (reference == nullptr) reference = record;
      if (auto found = measure_difference(*reference, *record, measure, traits)) {
        refuse_mixing(*reference, *record, measure, *found);
      }
    }
  }
}

bool same_configuration(const Record& first, const Record& second) {
  const bool same_data = first.dataset.name == second.dataset.name &&
                         first.dataset.digest == second.dataset.digest &&
                         first.budget == second.budget;
  if (!same_data || !is_alike(first.settings, second.settings, settings_of_the_run())) return false;
  return is_alike(first.candidate.json, second.candidate.json, {}) ||
         is_alike(defining_part(first.candidate.json), defining_part(second.candidate.json), {});
}

std::optional<ProtocolDifference> configuration_difference(const Record& first,
                                                           const Record& second) {
  return first_difference(configuration_json(first), configuration_json(second), "", {});
}

std::string configuration_key(const Record& record) {
  // Sorted keys: the order in which a record was written does not count.
  const auto sorted = nlohmann::json::parse(configuration_json(record).dump());
  constexpr std::size_t kDigits = 16;
  return sha256_hex(sorted.dump()).substr(0, kDigits);
}

std::vector<Configuration> group_by_configuration(std::span<const Record* const> records) {
  // Few configurations, many records: a digest is made of the first of each.
  std::vector<Configuration> groups;
  for (const Record* record : records) {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const Configuration& group) {
      const auto& first = *group.records.front();
      return first.candidate.name == record->candidate.name && same_configuration(first, *record);
    });
    auto& group = found != groups.end()
                      ? *found
                      : groups.emplace_back(Configuration{configuration_key(*record), {}});
    group.records.push_back(record);
  }
  for (auto& group : groups) {
    std::sort(group.records.begin(), group.records.end(), [](const Record* a, const Record* b) {
      return std::tie(a->seed, a->trial_id) < std::tie(b->seed, b->trial_id);
    });
  }
  std::sort(groups.begin(), groups.end(), [](const Configuration& a, const Configuration& b) {
    return std::tie(a.records.front()->candidate.name, a.key) <
           std::tie(b.records.front()->candidate.name, b.key);
  });
  return groups;
}

std::vector<Configuration> group_by_configuration(std::span<const Record> records) {
  std::vector<const Record*> all;
  for (const Record& record : records) all.push_back(&record);
  return group_by_configuration(all);
}

std::vector<Record> filter_records(std::vector<Record> records, const RecordFilter& filter) {
  const auto fails = [&filter](const Record& record) {
    const std::string detector = plain_text(object_field(record.measures.protocol, "detector"));
    return (filter.plan && record.plan != filter.plan) ||
           (filter.dataset && record.dataset.name != *filter.dataset) ||
           (filter.detector && detector != *filter.detector) ||
           (filter.steps && record.budget.steps != *filter.steps) ||
           (filter.width && record.budget.width != *filter.width);
  };
  records.erase(std::remove_if(records.begin(), records.end(), fails), records.end());
  return records;
}

}  // namespace ganselect
