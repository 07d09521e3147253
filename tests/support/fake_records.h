// Hand-made trials for tests of results and selection: complete, valid records without any
// training.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/record.h"

namespace ganselect::test {

/// The four parameters and tables of a few candidates of the survey; any other name becomes a point
/// on dcgan that stands in no table. Optimizers and formulas are alike for all.
inline Json fake_candidate(const std::string& name) {
  struct Row {
    const char* name;
    const char* architecture;
    const char* loss;
    std::vector<std::string> regularization;
    const char* divergence;
    std::vector<int> tables;
    bool extension;
  };
  static const std::vector<Row> rows = {
      {"fcgan", "fc", "non-saturating", {}, nullptr, {1, 2}, false},
      {"conv-gan", "conv-deconv", "non-saturating", {}, nullptr, {1, 2}, false},
      {"dcgan",
       "dcgan",
       "non-saturating",
       {"batch-norm-g", "batch-norm-d"},
       nullptr,
       {1, 2, 3, 7},
       false},
      {"wgan", "dcgan", "wasserstein", {"weight-clip"}, nullptr, {1, 3, 4}, false},
      {"wgan-gp", "dcgan", "wasserstein", {"gradient-penalty"}, nullptr, {1, 3, 4}, false},
      {"fgan-kl", "dcgan", "f-divergence", {}, "kl", {1, 5}, false},
      {"fgan-gan", "dcgan", "f-divergence", {}, "gan", {1, 5}, false},
      {"geometric-gan", "dcgan", "hinge", {"weight-decay"}, nullptr, {1, 5}, false},
      {"lsgan", "dcgan", "least-squares", {}, nullptr, {1, 2, 3, 6}, false},
      {"rsgan", "dcgan", "relativistic", {}, nullptr, {1, 6}, false},
      {"loss-sensitive-gan", "dcgan", "loss-sensitive", {"weight-decay"}, nullptr, {1, 7}, false},
      {"sngan", "sngan-cnn", "non-saturating", {"spectral-norm"}, nullptr, {1, 4, 7}, false},
      {"rpgan-r1-r2", "dcgan", "relativistic", {"r1+r2"}, nullptr, {}, true},
  };
  Row row{name.c_str(), "dcgan", "non-saturating", {}, nullptr, {}, false};
  for (const auto& known : rows) {
    if (known.name == name) row = known;
  }
  return {
      {"name", name},
      {"architecture", row.architecture},
      {"loss", row.loss},
      {"regularization", row.regularization},
      {"divergence", row.divergence == nullptr ? Json(nullptr) : Json(row.divergence)},
      {"minimizes", row.divergence == nullptr ? "Jensen-Shannon" : row.divergence},
      {"critic_formula", "E s(-real) + E s(fake)"},
      {"generator_formula", "E s(-fake)"},
      {"optimizer",
       {{"kind", "adam"}, {"lr", 2e-4}, {"beta1", 0.5}, {"beta2", 0.999}, {"weight_decay", 0.0}}},
      {"n_critic", row.loss == std::string("wasserstein") ? 5 : 1},
      {"needs_labels", false},
      {"tables", row.tables},
      {"extension", row.extension},
      {"source", "made up for tests"}};
}

/// One made-up trial; every field has a default that makes a valid record.
struct FakeTrial {
  std::string candidate = "dcgan";
  std::uint64_t seed = 0;
  /// A nullopt is recorded as null with the reason "left out on purpose".
  std::map<std::string, std::optional<double>> measures = {};
  std::string status = "finished";  ///< "finished", "diverged", "collapsed" or "failed"
  std::optional<std::int64_t> status_step = {};
  std::string status_reason = {};
  std::string same_training = {};  ///< empty: the record does not say
  std::string plan = "smoke";
  std::string dataset = "cifar10";
  std::string dataset_digest = std::string(64, 'd');
  std::string detector = "judge-cifar10";
  std::string detector_digest = std::string(64, 'a');
  std::int64_t n_fake = 10000;
  std::string split = "train";  ///< the split that samples were compared with
  std::int64_t steps = 200;
  std::int64_t batch = 64;
  double width = 0.25;
  std::string device = "cpu";
  std::string commit = "0123456789abcdef0123456789abcdef01234567";
  std::optional<RecordVersions> versions = {};  ///< none: as records from before there were any
  std::string date = "2026-01-02T03:04:05Z";
  Json settings = Json::object();  ///< laid over the default settings
  Json protocol = Json::object();  ///< laid over the default protocol
  Json checkpoints = Json::array();
  Json files = Json::object();
};

/// record.json of the trial.
inline Json fake_record(const FakeTrial& trial) {
  Json settings = {{"point", trial.candidate}, {"dataset", trial.dataset}, {"seed", trial.seed},
                   {"steps", trial.steps},     {"width", trial.width},     {"batch", trial.batch},
                   {"device", trial.device},   {"precision", "float32"},   {"ema_decay", 0.0}};
  settings.update(trial.settings);
  Json protocol = {{"detector", trial.detector},
                   {"detector_digest", trial.detector_digest},
                   {"data", trial.dataset},
                   {"data_digest", trial.dataset_digest},
                   {"split", trial.split},
                   {"n_real", 10000},
                   {"n_fake", trial.n_fake},
                   {"seed", trial.seed + 1000},
                   {"mode", "eval"},
                   {"measures", {{"precision", {{"k", 5}}}}}};
  protocol.update(trial.protocol);
  Json measures = Json::object();
  Json reason = Json::object();
  for (const auto& [name, value] : trial.measures) {
    measures[name] = number_or_null(value);
    if (!value) reason[name] = "left out on purpose";
  }
  const Json step = trial.status_step ? Json(*trial.status_step) : Json(nullptr);
  const Json why = trial.status_reason.empty() ? Json(nullptr) : Json(trial.status_reason);
  Json json = {
      {"schema_version", 1},
      {"kind", "trial"},
      {"trial_id", trial.candidate + "-" + trial.dataset + "-s" + std::to_string(trial.seed)},
      {"plan", trial.plan},
      {"candidate", fake_candidate(trial.candidate)},
      {"settings", settings},
      {"seed", trial.seed},
      {"budget", {{"steps", trial.steps}, {"batch", trial.batch}, {"width", trial.width}}},
      {"dataset",
       {{"name", trial.dataset},
        {"split", "train"},
        {"digest", trial.dataset_digest},
        {"count", 50000}}},
      {"provenance",
       {{"commit", trial.commit},
        {"dirty", false},
        {"compiler", "test"},
        {"libtorch", "2.11.0"},
        {"device", trial.device},
        {"threads", 1},
        {"date", trial.date}}},
      {"status", trial.status},
      {"status_detail", {{"step", step}, {"reason", why}}},
      {"measures", measures},
      {"protocol", protocol},
      {"reason", reason},
      {"warnings", Json::array()},
      {"checkpoints", trial.checkpoints},
      {"files", trial.files}};
  if (!trial.same_training.empty()) json["candidate"]["same_training"] = trial.same_training;
  if (trial.versions) {
    json["budget"]["images_seen"] =
        trial.steps * json["candidate"]["n_critic"].get<std::int64_t>() * trial.batch;
    json["dataset"]["shape"] = {3, 32, 32};
    json["dataset"]["modes"] = 10;
    json["training_version"] = trial.versions->training;
    json["evaluation_version"] = trial.versions->evaluation;
  }
  return json;
}

/// Short form for the common case.
inline Json fake_record(const std::string& candidate, std::uint64_t seed,
                        const std::map<std::string, std::optional<double>>& measures) {
  FakeTrial trial;
  trial.candidate = candidate;
  trial.seed = seed;
  trial.measures = measures;
  return fake_record(trial);
}

/// The parsed record.
inline Record make_record(const FakeTrial& trial) {
  return parse_record(fake_record(trial), "fake record " + trial.candidate);
}

inline Record make_record(const std::string& candidate, std::uint64_t seed,
                          const std::map<std::string, std::optional<double>>& measures) {
  return parse_record(fake_record(candidate, seed, measures), "fake record " + candidate);
}

}  // namespace ganselect::test
