#include "harness/evaluate/sample_record.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/provenance.h"
#include "metrics/evaluation_version.h"
#include "models/candidates.h"
#include "results/records/store.h"

namespace ganselect {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOther = "other";
constexpr const char* kWhyMissing = "samples of another program: their training was not seen";

Record company(const std::string& place, const Dataset& data) {
  const fs::path path(place);
  Record record = read_record(fs::is_directory(path) ? path / kRecordFile : path);
  if (record.dataset.digest == data.digest) return record;
  fail(ErrorKind::kProtocol,
       {.where = "--beside " + place,
        .expected = "a trial on " + data.name + ", as the samples are measured",
        .got = "one on " + record.dataset.name,
        .hint = "other data, or other rows of it, cannot be compared"});
}

void check_name(const std::string& name) {
  const bool taken = candidates().find(name) != nullptr || name.find('/') != std::string::npos;
  if (!taken && !name.empty()) return;
  fail(ErrorKind::kUsage, {.where = "--as",
                           .expected = "a name of its own for the samples' source",
                           .got = "'" + name + "'",
                           .hint = name.empty() ? "" : "candidates are trained here"});
}

// What was not measured has no value, and says why.
Measures with_reasons(Measures measures) {
  for (const auto& spec : metric_specs()) {
    if (spec.name.back() != '*' && !measures.values.contains(spec.name))
      measures.set_missing(spec.name, kWhyMissing);
  }
  return measures;
}

}  // namespace

RecordDataset recorded_dataset(const Dataset& data) {
  RecordDataset dataset{
      .name = data.name, .split = data.split, .digest = data.digest, .count = data.size()};
  dataset.shape = data.shape.points ? std::vector<std::int64_t>{2}
                                    : std::vector<std::int64_t>{
                                          data.shape.channels, data.shape.height, data.shape.width};
  if (data.mixture) {
    dataset.modes = data.mixture->centres.size(0);
  } else if (data.labels.defined()) {
    dataset.modes = static_cast<std::int64_t>(data.class_names.size());
  }
  return dataset;
}

Record record_of_samples(const SampleOrigin& origin, const Evaluator& evaluator,
                         const Measures& measures) {
  check_name(origin.name);
  Record record;
  record.candidate = parse_candidate({{"name", origin.name},
                                      {"architecture", kOther},
                                      {"loss", kOther},
                                      {"regularization", Json::array()},
                                      {"divergence", nullptr},
                                      {"tables", Json::array()},
                                      {"extension", true}},
                                     "--as " + origin.name);
  record.seed = origin.seed;
  record.budget = {.steps = 0, .batch = 1, .width = 1.0};
  record.versions = RecordVersions{.evaluation = kEvaluationVersion};
  if (!origin.beside.empty()) {
    const Record beside = company(origin.beside, evaluator.train());
    record.budget = beside.budget;
    record.budget.images_seen.reset();
    record.settings = beside.settings;
    if (beside.versions) record.versions->training = beside.versions->training;
  }
  record.settings["point"] = origin.name;
  record.settings["dataset"] = evaluator.train().name;
  record.settings["seed"] = origin.seed;
  record.settings["evaluation"] = evaluator.trial_settings().at("evaluation");
  record.dataset = recorded_dataset(evaluator.train());
  record.provenance = provenance();
  record.provenance["samples_of"] = "another program";
  record.measures = with_reasons(measures);
  const Json identity = {origin.name, record.settings, record.dataset.digest,
                         evaluator.trial_settings()};
  record.trial_id = origin.name + "-" + record.dataset.name + "-s" + std::to_string(origin.seed) +
                    "-" + sha256_hex(identity.dump()).substr(0, 8);
  std::replace_if(
      record.trial_id.begin(), record.trial_id.end(),
      [](char c) { return c == '/' || c == ':' || c == '+' || c == ' ' || c == '\\'; }, '_');
  return record;
}

}  // namespace ganselect
