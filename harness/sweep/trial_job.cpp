#include "harness/sweep/trial_job.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/lease.h"
#include "base/log.h"
#include "base/provenance.h"
#include "base/seeds.h"
#include "base/torch/device.h"
#include "datasets/partition.h"
#include "datasets/subset.h"
#include "harness/evaluate/fillings.h"
#include "harness/evaluate/images_seen.h"
#include "harness/evaluate/sample_record.h"
#include "harness/sweep/instances.h"
#include "harness/sweep/plan.h"
#include "harness/train/device_facts.h"
#include "harness/train/event_file.h"
#include "harness/train/stability.h"
#include "harness/train/trial_files.h"
#include "models/candidate_json.h"
#include "results/records/store.h"

namespace ganselect {
namespace {

// Left-out training images that a limited trial is held against: as many as most data sets' test
// splits have.
constexpr std::int64_t kMostHeldOut = 10000;

// Splits that are not there are a matter of the data set, not an error: measures that need one say
// so.
std::optional<Dataset> try_held_out(const std::string& dataset, const LoadSettings& base) {
  LoadSettings settings = base;
  settings.split = "test";
  settings.limit.reset();
  if (!has_split(dataset, settings)) return std::nullopt;
  return load_dataset(dataset, settings);
}

// The training samples that are drawn, and as many of the others as are held out, drawn as well.
TrialData drawn_parts(const Dataset& all, std::int64_t count, std::uint64_t seed) {
  const auto size = all.size();
  const auto kept =
      drawn_rows(size, all.labels, {.count = count, .seed = stream_seed(seed, "training rows")});
  const auto others =
      torch::ones({size}, torch::kBool).index_fill_(0, kept, false).nonzero().squeeze(1);
  const auto labels = all.labels.defined() ? all.labels.index_select(0, others) : torch::Tensor();
  const auto held_out = others.index_select(
      0, drawn_rows(others.size(0), labels,
                    {.count = kMostHeldOut, .seed = stream_seed(seed, "held-out rows")}));
  const std::string by = " drawn by seed " + std::to_string(seed);
  return {.train = rows_at(all, kept, all.split + ", " + std::to_string(count) + by),
          .held_out = rows_at(all, held_out,
                              all.split + " left out, " + std::to_string(held_out.size(0)) + by)};
}

std::string weights_of(const TrainSettings& settings) {
  return resolve_candidate(settings).ema_decay > 0 ? "ema" : "raw";
}

std::int64_t take_version(Json& settings, const char* key) {
  const auto version = settings.at(key).get<std::int64_t>();
  settings.erase(key);
  return version;
}

Record base_record(const TrialJob& job, const TrialData& data, const Evaluator& evaluator) {
  Json extra = evaluator.trial_settings();
  Record record;
  record.trial_id = trial_id(job.settings, extra);
  // These stand beside the settings, once.
  record.versions = RecordVersions{.training = take_version(extra, "training_version"),
                                   .evaluation = take_version(extra, "evaluation_version")};
  record.plan = job.plan;
  record.candidate =
      parse_candidate(candidate_to_json(resolve_candidate(job.settings)), record.trial_id);
  record.settings = identity_json(job.settings);
  record.settings.update(extra);
  record.seed = job.settings.seed;
  const auto batch = record.candidate.json.at("batch").get<std::int64_t>();
  record.budget = {.steps = job.settings.steps,
                   .batch = batch,
                   .width = job.settings.width,
                   .images_seen = images_seen(record.candidate.json, job.settings.steps, batch)};
  record.dataset = recorded_dataset(data.train);
  record.provenance = provenance();
  record.provenance["device"] = describe_device(torch::Device(job.settings.device));
  record.provenance["threads"] = job.settings.threads;
  record.provenance["machine"] =
      device_facts(torch::Device(job.settings.device), job.settings.threads);
  if (record.provenance["machine"]["kind"] != "cpu")
    record.provenance["gpu"] = record.provenance["machine"]["name"];
  return record;
}

TrialStatus status_of(const std::string& name) {
  for (const auto status : {TrialStatus::kFinished, TrialStatus::kDiverged, TrialStatus::kCollapsed,
                            TrialStatus::kFailed}) {
    if (status_name(status) == name) return status;
  }
  fail(ErrorKind::kFailed,
       {.where = "trial status", .expected = "finished, diverged or collapsed", .got = name});
}

void add_curve_measures(const TrialResult& result, const std::vector<double>& fid_levels,
                        Measures& measures) {
  for (const auto& measure : stability_measures(result.rows, {.fid_levels = fid_levels})) {
    if (measure.value) {
      measures.set(measure.name, *measure.value);
    } else {
      measures.set_missing(measure.name, measure.reason);
    }
  }
  for (const auto& [name, value] : result.cost) {
    if (value) {
      measures.set(name, *value);
    } else {
      measures.set_missing(name, "not measured on this device");
    }
  }
}

// Every sample measure, but of optional families only what is asked for, of a trial whose generator
// gives none that can be measured.
Measures missing_sample_measures(const std::string& reason, const EvaluationPlan& plan) {
  Measures measures;
  std::set<std::string> unasked;
  for (const auto& family : metric_families()) {
    if (!family.standard) unasked.insert(family.measures.begin(), family.measures.end());
  }
  for (const auto* family : chosen_families({.metrics = plan.metrics})) {
    for (const auto& name : family->measures) unasked.erase(name);
  }
  for (const auto& spec : metric_specs()) {
    // Rows that stand for many names are not measures by themselves.
    if (spec.group == MetricGroup::kSample && spec.name.back() != '*' &&
        unasked.count(spec.name) == 0) {
      measures.set_missing(spec.name, reason);
    }
  }
  return measures;
}

// What the curve shows of a measurement.
Measures brief_part(const Measures& measures) {
  Measures brief;
  brief.protocol = measures.protocol;
  for (const char* name : {"fid", "modes", "label_accuracy"}) {
    if (const auto value = measures.value(name)) brief.set(name, *value);
  }
  return brief;
}

// Measures a trainer's generator along the way and at the end.
class TrainerEvaluation {
 public:
  TrainerEvaluation(Trainer& trainer, const TrialJob& job, const TrialData& data,
                    Evaluator& evaluator)
      : trainer_(trainer), job_(job), data_(data), evaluator_(evaluator) {}

  // Along the way: few samples, briefly, or where the plan asks for it through every family. At the
  // end: everything; the curve then still gets a value of as many samples as before, since FID's
  // bias depends on their number.
  Evaluation at(const TrialProgress& at) {
    const auto& plan = evaluator_.plan();
    const auto& steps = plan.evaluation_steps;
    const bool full = std::find(steps.begin(), steps.end(), at.step) != steps.end();
    const bool last = at.step >= at.steps;
    const bool same_count = plan.num_samples == plan.checkpoint_samples ||
                            (job_.settings.evaluation_interval == 0 && steps.empty());
    Evaluation evaluation;
    Measures along;
    if (last) along = measure_end(evaluation.record);
    if (!last || !same_count) {
      along = full ? evaluator_.measure(draw(plan.checkpoint_samples))
                   : evaluator_.measure_briefly(drawn(plan.checkpoint_samples));
    }
    const Measures brief = brief_part(along);
    for (const char* name : {"fid", "modes", "label_accuracy"}) {
      if (const auto value = brief.value(name)) evaluation.values.emplace_back(name, *value);
    }
    evaluation.record["full"] = full;
    evaluation.record["along"] = to_json(full ? along : brief);
    return evaluation;
  }

 private:
  SampleInput drawn(std::int64_t count) {
    return draw_for_measuring(trainer_.evaluated_generator(), trainer_.conditions(),
                              weights_of(job_.settings), count, evaluator_.plan());
  }

  // With what the measures of instances, clusters and fillings look at.
  SampleInput draw(std::int64_t count) {
    auto input = drawn(count);
    auto& generator = trainer_.evaluated_generator();
    const auto& plan = evaluator_.plan();
    add_instance_samples(generator, trainer_.conditions(), data_, plan, input);
    add_cluster_samples(generator, trainer_.conditions(), data_, plan, input);
    input.fillings = draw_fillings(generator, trainer_.conditions(), plan.seed, plan.mode);
    return input;
  }

  Measures measure_end(Json& record) {
    const auto count = evaluator_.plan().num_samples;
    Measures all = evaluator_.measure(draw(count), job_.folder / kStatisticsFile);
    record["measures"] = to_json(all);
    const auto others = evaluator_.measure_by_detector([&] { return draw(count); });
    for (const auto& [name, measures] : others)
      record["measures_by_detector"][name] = to_json(measures);
    return all;
  }

  Trainer& trainer_;
  const TrialJob& job_;
  const TrialData& data_;
  Evaluator& evaluator_;
};

RecordCheckpoint checkpoint_of(const Json& evaluation) {
  RecordCheckpoint checkpoint{.step = evaluation.at("step").get<std::int64_t>(),
                              .seconds = evaluation.at("seconds").get<double>()};
  checkpoint.full = evaluation.at("full").get<bool>();
  checkpoint.measures = measures_from_json(evaluation.at("along"), "evaluation");
  return checkpoint;
}

// The one after the last update; nullptr for a trial that did not get there. One that was trained
// on has those of its former ends too.
const Json* final_evaluation(const TrialResult& result) {
  for (const auto& evaluation : result.evaluations) {
    if (evaluation.contains("measures") && evaluation.at("step") == result.steps_done)
      return &evaluation;
  }
  return nullptr;
}

Record make_record(const TrialJob& job, const TrialData& data, const Evaluator& evaluator,
                   const TrialResult& result, Measures measures) {
  Record record = base_record(job, data, evaluator);
  record.provenance["step_mode"] = result.step_mode;
  record.status = status_of(result.status.name);
  record.status_detail.step = result.status.step;
  if (!result.status.reason.empty()) record.status_detail.reason = result.status.reason;
  add_curve_measures(result, evaluator.plan().fid_levels, measures);
  for (const auto& warning : result.warnings) measures.warn("training", "", warning);
  record.measures = std::move(measures);
  for (const auto& evaluation : result.evaluations)
    record.checkpoints.push_back(checkpoint_of(evaluation));
  const Json* end = final_evaluation(result);
  if (end != nullptr && end->contains("measures_by_detector")) {
    for (const auto& [name, other] : end->at("measures_by_detector").items())
      record.measures_by_detector[name] = measures_from_json(other, "final evaluation");
  }
  for (const auto& file : result.files.items())
    record.files[file.key()] = file.value().get<std::string>();
  std::error_code ignored;
  if (std::filesystem::exists(job.folder / kStatisticsFile, ignored))
    record.files["statistics"] = kStatisticsFile;
  return record;
}

}  // namespace

DataLimit data_limit(const TrainSettings& settings) {
  if (settings.dataset_limit == 0) return {};
  return {.count = settings.dataset_limit, .draw = settings.dataset_draw};
}

DataKey data_key(const TrainSettings& settings) {
  const auto candidate = resolve_candidate(settings);
  return {.limit = data_limit(settings),
          .instances = candidate.needs_instances,
          .clusters = candidate.clusters,
          .without_classes = settings.without_classes};
}

TrialData load_trial_data(const std::string& dataset, const std::filesystem::path& data_dir,
                          const DataLimit& limit) {
  LoadSettings settings;
  settings.data_dir = data_dir;
  Dataset all = load_dataset(dataset, settings);
  const std::int64_t size = all.size();
  if (limit.count <= 0 || limit.count >= size) {
    return {.train = std::move(all), .held_out = try_held_out(dataset, settings)};
  }
  if (limit.draw) return drawn_parts(all, limit.count, *limit.draw);
  const std::int64_t end = std::min(size, limit.count + kMostHeldOut);
  return {.train = rows_of(all, 0, limit.count, all.split),
          .held_out = rows_of(all, limit.count, end,
                              "rows " + std::to_string(limit.count) + " to " + std::to_string(end) +
                                  " of " + all.split)};
}

SampleInput draw_for_measuring(Generator& generator, const ConditionTable& conditions,
                               const std::string& weights, std::int64_t count,
                               const EvaluationPlan& plan) {
  SampleSettings sampling;
  sampling.count = count;
  sampling.seed = plan.seed;
  sampling.mode = plan.mode;
  SampleInput input;
  input.samples = stream_samples(generator, sampling, conditions);
  input.protocol = {
      {"mode", sampling.mode}, {"weights", weights}, {"sampling", sampling_protocol(sampling)}};
  if (conditions.empty()) {
    // A conditional generator has no one image for a latent vector.
    input.generator = [&generator](const torch::Tensor& z) {
      generator.eval();
      return generator.forward(z.to(generator.parameters().at(0).device())).to(z.device());
    };
    input.latent_dim = generator.latent_dim;
  }
  // Clusters that were made are no classes of the data.
  if (!are_cluster_names(conditions.class_names)) input.labels = input.samples->labels();
  input.label_law = conditions.law;
  return input;
}

namespace {

Lease claim_trial(const std::filesystem::path& folder) {
  if (auto lease = Lease::claim(folder)) return std::move(*lease);
  fail(ErrorKind::kFailed, {.where = folder.string(),
                            .expected = "to be the only one that trains here",
                            .got = Lease::holder(folder).value_or("another process"),
                            .hint = "wait for it, or choose another folder"});
}

}  // namespace

std::optional<Record> run_trial_job(const TrialJob& job, const TrialData& data,
                                    Evaluator& evaluator) {
  std::optional<Lease> lease;
  if (!job.claimed) lease = claim_trial(job.folder);
  std::error_code ignored;
  if (std::filesystem::exists(job.folder / kRecordFile, ignored)) {
    // A finished trial answers for its own settings only.
    claim_folder(job.folder,
                 trial_settings_json(job.settings, evaluator.trial_settings(), data.train,
                                     data.held_out ? &*data.held_out : nullptr));
    auto record = read_record(job.folder / kRecordFile);
    if (record.budget.steps == job.settings.steps) {
      if (job.tensorboard) write_trial_events(job.folder);
      return record;
    }
    std::filesystem::remove(job.folder / kRecordFile);  // of fewer steps: it is trained on
  }
  check_evaluation_steps(job.settings, evaluator.plan());
  TrialCallbacks callbacks;
  callbacks.progress = job.progress;
  callbacks.stop = job.stop;
  callbacks.evaluate = [&](Trainer& trainer, const TrialProgress& at) {
    return TrainerEvaluation(trainer, job, data, evaluator).at(at);
  };
  TrialOptions options;
  options.checkpoint_seconds = job.checkpoint_seconds;
  options.steps = job.steps;
  options.tensorboard = job.tensorboard;
  options.tell_resuming = job.tell_resuming;
  options.extra_settings = evaluator.trial_settings();
  options.evaluation_steps = evaluator.plan().evaluation_steps;
  const TrialResult result =
      run_trial(job.settings, data.train, data.held_out ? &*data.held_out : nullptr, callbacks,
                options, job.folder);
  if (result.status.name == "interrupted") return std::nullopt;
  const Json* end = final_evaluation(result);
  const std::string why =
      result.status.name +
      (result.status.step ? " at step " + std::to_string(*result.status.step) : "");
  Record record =
      make_record(job, data, evaluator, result,
                  end != nullptr ? measures_from_json(end->at("measures"), "final evaluation")
                                 : missing_sample_measures(why, evaluator.plan()));
  write_record(job.folder, record);
  return record;
}

void write_trial_events(const std::filesystem::path& folder) {
  std::error_code unseen;
  if (!std::filesystem::exists(folder / kCurveFile, unseen)) return;
  write_events(folder, load_curve(folder, std::numeric_limits<std::int64_t>::max()));
}

Record failed_record(const TrialJob& job, const TrialData& data, const Evaluator& evaluator,
                     const std::string& reason) {
  Record record = base_record(job, data, evaluator);
  record.status = TrialStatus::kFailed;
  record.status_detail.reason = reason;
  record.measures = missing_sample_measures("the trial failed", evaluator.plan());
  return record;
}

}  // namespace ganselect
