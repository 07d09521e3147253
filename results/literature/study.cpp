#include "results/literature/study.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/object_reader.h"
#include "base/provenance.h"
#include "base/text.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

template <class Choice, std::size_t N>
using ChoiceNames = std::array<std::pair<Choice, std::string_view>, N>;

constexpr ChoiceNames<ArmMatch, 4> kMatchNames = {{{ArmMatch::kExact, "exact"},
                                                   {ArmMatch::kClose, "close"},
                                                   {ArmMatch::kLoose, "loose"},
                                                   {ArmMatch::kOutside, "outside"}}};
constexpr ChoiceNames<ReadAs, 3> kReadAsNames = {
    {{ReadAs::kText, "text"}, {ReadAs::kPicture, "picture"}, {ReadAs::kQuoted, "quoted"}}};
constexpr ChoiceNames<Reliability, 3> kReliabilityNames = {
    {{Reliability::kHigh, "high"}, {Reliability::kMedium, "medium"}, {Reliability::kLow, "low"}}};
constexpr ChoiceNames<StudyLabels, 3> kLabelsNames = {
    {{StudyLabels::kNone, "no"}, {StudyLabels::kAll, "yes"}, {StudyLabels::kMixed, "mixed"}}};
constexpr ChoiceNames<StudyData, 2> kDataNames = {
    {{StudyData::kImages, "images"}, {StudyData::kPoints, "points"}}};

template <class Choice, std::size_t N>
std::string_view choice_name(const ChoiceNames<Choice, N>& names, Choice choice) {
  for (const auto& [known, name] : names) {
    if (known == choice) return name;
  }
  fail(ErrorKind::kFailed, {.where = "study", .expected = "a choice that has a name"});
}

template <class Choice, std::size_t N>
Choice read_choice(const ObjectReader& json, const std::string& key,
                   const ChoiceNames<Choice, N>& names) {
  const std::string text = json.text(key);
  std::vector<std::string> valid;
  for (const auto& [choice, name] : names) {
    if (name == text) return choice;
    valid.emplace_back(name);
  }
  json.complain(key, "one of " + join(valid), "'" + text + "'");
}

// The spreads of a value, each under the key it has in the files.
constexpr std::array<std::pair<const char*, std::optional<double> MeasureValue::*>, 5> kSpreads = {
    {{"sd", &MeasureValue::sd},
     {"se", &MeasureValue::se},
     {"eval_sd", &MeasureValue::eval_sd},
     {"split_sd", &MeasureValue::split_sd},
     {"unknown_pm", &MeasureValue::unknown_pm}}};

const std::vector<std::string>& study_keys() {
  static const std::vector<std::string> keys = {
      "schema_version", "id",      "group",       "citation",    "where_read",
      "read_as",        "dataset", "data",        "resolution",  "modes",
      "train_images",   "labels",  "backbone",    "updates",     "batch",
      "protocol",       "seeds",   "reliability", "independent", "overlaps_with",
      "notes",          "arms"};
  return keys;
}

const std::vector<std::string>& arm_keys() {
  static const std::vector<std::string> keys = {
      "candidate", "match",        "as_named",    "architecture", "loss", "regularization",
      "d_norm",    "augmentation", "conditional", "measures",     "note"};
  return keys;
}

const std::vector<std::string>& protocol_keys() {
  static const std::vector<std::string> keys = {"detector", "n_fake",     "n_real",
                                                "split",    "checkpoint", "other"};
  return keys;
}

const std::vector<std::string>& seeds_keys() {
  static const std::vector<std::string> keys = {"n", "spread"};
  return keys;
}

const std::vector<std::string>& value_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all = {"mean"};
    for (const auto& [key, member] : kSpreads) all.emplace_back(key);
    return all;
  }();
  return keys;
}

void refuse_unknown_keys(const ObjectReader& reader, const std::vector<std::string>& valid) {
  for (const auto& [key, value] : reader.json().items()) {
    if (std::find(valid.begin(), valid.end(), key) != valid.end()) continue;
    const auto nearest = nearest_name(key, valid);
    reader.complain("", "the keys " + join(valid), "'" + key + "'",
                    nearest ? "did you mean '" + *nearest + "'?" : "");
  }
}

// A key that has to stand there; its value may be null.
std::optional<std::string> stated_text(const ObjectReader& reader, const std::string& key) {
  if (reader.at(key, "a string or null").is_null()) return std::nullopt;
  return reader.name(key);
}

std::optional<std::int64_t> stated_count(const ObjectReader& reader, const std::string& key) {
  if (reader.at(key, "a whole number of at least 1 or null").is_null()) return std::nullopt;
  return reader.count(key, 1);
}

std::vector<std::string> distinct_words(const ObjectReader& reader, const std::string& key) {
  auto words = reader.texts(key);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty()) reader.complain(key, "strings that are not empty", "\"\"");
    if (std::find(words.begin(), words.begin() + i, words[i]) != words.begin() + i)
      reader.complain(key, "distinct strings", "'" + words[i] + "' twice");
  }
  return words;
}

void check_range(const ObjectReader& value, const LiteratureMeasure& measure, const Study& study,
                 double mean) {
  const auto whole = measure_whole(measure, study);
  const bool too_small = measure.least && mean < *measure.least;
  if (!too_small && !(whole && mean > *whole)) return;
  std::string expected = "a number of at least " + shortest(measure.least.value_or(0.0));
  if (whole) expected = "a number from 0 to " + shortest(*whole);
  value.complain("mean", expected, shortest(mean), measure.name + " is " + measure.explanation);
}

MeasureValue read_value(const ObjectReader& json, const LiteratureMeasure& measure,
                        const Study& study) {
  refuse_unknown_keys(json, value_keys());
  const Json& mean = json.at("mean", "a finite number");
  if (!mean.is_number() || !std::isfinite(mean.get<double>()))
    json.complain("mean", "a finite number", short_form(mean));
  MeasureValue value{.mean = mean.get<double>()};
  check_range(json, measure, study, value.mean);
  for (const auto& [key, member] : kSpreads) {
    if (json.json().contains(key)) value.*member = json.number(key, 0.0, true);
  }
  return value;
}

std::map<std::string, MeasureValue> read_study_measures(const ObjectReader& arm,
                                                        const Study& study) {
  const ObjectReader measures = arm.object("measures");
  std::map<std::string, MeasureValue> values;
  for (const auto& [name, value] : measures.json().items()) {
    const LiteratureMeasure* measure = literature_measures().find(name);
    if (measure == nullptr) {
      const auto valid = literature_measures().names();
      const auto nearest = nearest_name(name, valid);
      measures.complain("", "the measures " + join(valid), "'" + name + "'",
                        nearest ? "did you mean '" + *nearest + "'?" : "");
    }
    if (measure->whole == 0.0 && !study.modes) {
      measures.complain(name, "'modes' of the study beside this measure", "null",
                        "write how many modes the data has");
    }
    values[name] = read_value(measures.object(name), *measure, study);
  }
  return values;
}

Arm read_arm(const ObjectReader& json, const Study& study) {
  refuse_unknown_keys(json, arm_keys());
  Arm arm;
  arm.candidate = json.name("candidate");
  arm.match = read_choice(json, "match", kMatchNames);
  arm.as_named = json.name("as_named");
  arm.architecture = stated_text(json, "architecture");
  arm.loss = stated_text(json, "loss");
  if (!json.at("regularization", "an array of strings or null").is_null())
    arm.regularization = distinct_words(json, "regularization");
  arm.d_norm = stated_text(json, "d_norm");
  arm.augmentation = distinct_words(json, "augmentation");
  arm.conditional = json.flag("conditional");
  arm.measures = read_study_measures(json, study);
  if (json.json().contains("note")) arm.note = json.name("note");
  if (arm.measures.empty() && !arm.note) {
    json.complain("measures", "at least one measure", "none",
                  "an arm that diverged or has no figure says so in 'note'");
  }
  return arm;
}

void check_labels(const ObjectReader& reader, const Study& study) {
  const auto told = std::count_if(study.arms.begin(), study.arms.end(),
                                  [](const Arm& arm) { return arm.conditional; });
  const bool all = static_cast<std::size_t>(told) == study.arms.size();
  const auto found = told == 0 ? StudyLabels::kNone : all ? StudyLabels::kAll : StudyLabels::kMixed;
  if (found == study.labels) return;
  reader.complain("labels",
                  "'" + std::string(labels_name(found)) + "', as 'conditional' of the arms",
                  "'" + std::string(labels_name(study.labels)) + "'");
}

std::vector<Arm> read_arms(const ObjectReader& reader, const Study& study) {
  const std::size_t count = reader.array("arms").size();
  if (count == 0) reader.complain("arms", "at least one arm", "[]");
  std::vector<Arm> arms;
  std::set<std::pair<std::string, std::string>> names;
  for (std::size_t i = 0; i < count; ++i) {
    const ObjectReader json = reader.element("arms", i);
    arms.push_back(read_arm(json, study));
    if (!names.emplace(arms.back().candidate, arms.back().as_named).second) {
      json.complain("as_named", "a name that no other arm of this candidate has",
                    "'" + arms.back().as_named + "' twice");
    }
  }
  return arms;
}

std::string read_study_id(const ObjectReader& reader) {
  std::string id = reader.name("id");
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  if (id.find_first_not_of(kAllowed) != std::string::npos || id.front() == '.')
    reader.complain("id", "lower-case letters, digits, '-', '_' and '.'", "'" + id + "'");
  return id;
}

StudyProtocol read_study_protocol(const ObjectReader& json) {
  refuse_unknown_keys(json, protocol_keys());
  return {.detector = stated_text(json, "detector"),
          .n_fake = stated_count(json, "n_fake"),
          .n_real = stated_count(json, "n_real"),
          .split = stated_text(json, "split"),
          .checkpoint = stated_text(json, "checkpoint"),
          .other = stated_text(json, "other")};
}

StudySeeds read_study_seeds(const ObjectReader& json) {
  refuse_unknown_keys(json, seeds_keys());
  return {.n = stated_count(json, "n"), .spread = json.name("spread")};
}

void read_study_data(const ObjectReader& reader, Study& study) {
  study.dataset = reader.name("dataset");
  study.data = read_choice(reader, "data", kDataNames);
  study.resolution = stated_count(reader, "resolution");
  if (study.data == StudyData::kPoints && study.resolution)
    reader.complain("resolution", "null for points", std::to_string(*study.resolution));
  study.modes = stated_count(reader, "modes");
  study.train_images = stated_count(reader, "train_images");
  study.labels = read_choice(reader, "labels", kLabelsNames);
}

template <class T>
Json stated(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json arm_to_json(const Arm& arm) {
  Json json = {{"candidate", arm.candidate},    {"match", match_name(arm.match)},
               {"as_named", arm.as_named},      {"architecture", stated(arm.architecture)},
               {"loss", stated(arm.loss)},      {"regularization", stated(arm.regularization)},
               {"d_norm", stated(arm.d_norm)},  {"augmentation", arm.augmentation},
               {"conditional", arm.conditional}};
  Json measures = Json::object();
  for (const auto& measure : literature_measures()) {
    const auto found = arm.measures.find(measure.name);
    if (found == arm.measures.end()) continue;
    Json& value = measures[measure.name] = {{"mean", found->second.mean}};
    for (const auto& [key, member] : kSpreads) {
      if (found->second.*member) value[key] = *(found->second.*member);
    }
  }
  json["measures"] = std::move(measures);
  if (arm.note) json["note"] = *arm.note;
  return json;
}

void check_ids(const std::vector<Study>& studies, const fs::path& folder) {
  std::vector<std::string> ids;
  for (const auto& study : studies) ids.push_back(study.id);
  for (const auto& study : studies) {
    for (const auto& other : study.overlaps_with) {
      const bool known = other != study.id && std::binary_search(ids.begin(), ids.end(), other);
      if (known) continue;
      const auto nearest = nearest_name(other, ids);
      fail(ErrorKind::kData, {.where = (folder / (study.id + ".json")).string() + ": overlaps_with",
                              .expected = "the id of another study",
                              .got = "'" + other + "'",
                              .hint = nearest ? "did you mean '" + *nearest + "'?" : ""});
    }
  }
}

}  // namespace

std::string_view match_name(ArmMatch match) { return choice_name(kMatchNames, match); }
std::string_view read_as_name(ReadAs read_as) { return choice_name(kReadAsNames, read_as); }
std::string_view reliability_name(Reliability how) { return choice_name(kReliabilityNames, how); }
std::string_view labels_name(StudyLabels labels) { return choice_name(kLabelsNames, labels); }
std::string_view data_name(StudyData data) { return choice_name(kDataNames, data); }

std::optional<double> Arm::mean(const std::string& measure) const {
  const auto found = measures.find(measure);
  if (found == measures.end()) return std::nullopt;
  return found->second.mean;
}

Study parse_study(Json json, const std::string& where) {
  const ObjectReader reader(json, where, "");
  refuse_unknown_keys(reader, study_keys());
  const auto version = reader.count("schema_version", 1);
  if (version != kStudySchemaVersion) {
    reader.complain("schema_version", std::to_string(kStudySchemaVersion), std::to_string(version),
                    "the study was written for a newer ganselect: update this one");
  }
  Study study;
  study.id = read_study_id(reader);
  study.group = reader.name("group");
  study.citation = reader.name("citation");
  study.where_read = reader.name("where_read");
  study.read_as = read_choice(reader, "read_as", kReadAsNames);
  read_study_data(reader, study);
  study.backbone = reader.name("backbone");
  study.updates = stated_text(reader, "updates");
  study.batch = stated_count(reader, "batch");
  study.protocol = read_study_protocol(reader.object("protocol"));
  study.seeds = read_study_seeds(reader.object("seeds"));
  study.reliability = read_choice(reader, "reliability", kReliabilityNames);
  study.independent = reader.flag("independent");
  study.overlaps_with = distinct_words(reader, "overlaps_with");
  if (!study.independent && study.overlaps_with.empty()) {
    reader.complain("overlaps_with", "the studies that this one repeats", "[]",
                    "only a study that repeats none is independent");
  }
  study.notes = reader.text("notes");
  study.arms = read_arms(reader, study);
  check_labels(reader, study);
  return study;
}

Json to_json(const Study& study) {
  Json json = {{"schema_version", kStudySchemaVersion},
               {"id", study.id},
               {"group", study.group},
               {"citation", study.citation},
               {"where_read", study.where_read},
               {"read_as", read_as_name(study.read_as)},
               {"dataset", study.dataset},
               {"data", data_name(study.data)},
               {"resolution", stated(study.resolution)},
               {"modes", stated(study.modes)},
               {"train_images", stated(study.train_images)},
               {"labels", labels_name(study.labels)},
               {"backbone", study.backbone},
               {"updates", stated(study.updates)},
               {"batch", stated(study.batch)}};
  json["protocol"] = {
      {"detector", stated(study.protocol.detector)},     {"n_fake", stated(study.protocol.n_fake)},
      {"n_real", stated(study.protocol.n_real)},         {"split", stated(study.protocol.split)},
      {"checkpoint", stated(study.protocol.checkpoint)}, {"other", stated(study.protocol.other)}};
  json["seeds"] = {{"n", stated(study.seeds.n)}, {"spread", study.seeds.spread}};
  json["reliability"] = reliability_name(study.reliability);
  json["independent"] = study.independent;
  json["overlaps_with"] = study.overlaps_with;
  json["notes"] = study.notes;
  json["arms"] = Json::array();
  for (const auto& arm : study.arms) json["arms"].push_back(arm_to_json(arm));
  return json;
}

std::vector<Study> load_studies(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    fail(ErrorKind::kData,
         {.where = folder.string(), .expected = "a folder of studies", .got = "no folder"});
  }
  std::vector<Study> studies;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (path.extension() != ".json") continue;
    studies.push_back(parse_study(read_json_file(path), path.string()));
    if (path.stem() != studies.back().id) {
      fail(ErrorKind::kData, {.where = path.string() + ": id",
                              .expected = "'" + path.stem().string() + "', the file's name",
                              .got = "'" + studies.back().id + "'"});
    }
  }
  if (studies.empty()) {
    fail(ErrorKind::kData,
         {.where = folder.string(), .expected = "studies (*.json)", .got = "none"});
  }
  std::sort(studies.begin(), studies.end(),
            [](const Study& a, const Study& b) { return a.id < b.id; });
  check_ids(studies, folder);
  return studies;
}

fs::path shipped_studies() { return fs::path(share_dir()) / "results" / "literature" / "studies"; }

}  // namespace ganselect
