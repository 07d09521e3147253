#include "harness/sweep/sweep_prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/lease.h"
#include "base/log.h"
#include "base/processors.h"
#include "base/torch/device.h"
#include "harness/sweep/instances.h"
#include "harness/sweep/same_training.h"
#include "harness/train/initial_weights.h"
#include "results/records/store.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

std::int64_t default_jobs(torch::Device device, std::int64_t threads, std::size_t trials) {
  if (!device.is_cpu()) return 1;
  const auto cores = usable_processors();
  return std::clamp<std::int64_t>(cores / std::max<std::int64_t>(1, threads), 1,
                                  std::max<std::int64_t>(1, static_cast<std::int64_t>(trials)));
}

bool needs_images_alone(const CandidateSpec& candidate) {
  return candidate.needs_instances || candidate.needs_clusters || candidate.needs_visible;
}

// Why a trial is left out of the sweep; empty: it is not.
std::string reason_to_skip(const CandidateSpec& candidate, const Dataset& data,
                           const std::string& untold) {
  if (!untold.empty()) return untold;
  if (needs_images_alone(candidate) && data.shape.points)
    return "needs images, which " + data.name + " has not";
  if (candidate.needs_labels && !data.labels.defined())
    return "needs labels, which " + data.name + " has not";
  return "";
}

// Why the data give nothing to be told of, where they do not: no embedding of them, say.
using Untold = std::map<DataKey, std::string>;

// What the data cannot train is no failure of a candidate.
void skip_untrainable(PreparedSweep& sweep, const Untold& untold) {
  std::vector<TrainSettings> kept;
  for (const auto& trial : sweep.trials) {
    const auto& data = sweep.data.at(data_key(trial)).train;
    const auto why = untold.find(data_key(trial));
    const auto reason = reason_to_skip(resolve_candidate(trial), data,
                                       why == untold.end() ? std::string() : why->second);
    if (reason.empty()) {
      kept.push_back(trial);
      continue;
    }
    const auto id = trial_id(trial, sweep.evaluators.at(data_key(trial))->trial_settings());
    sweep.skipped.push_back({id, "skipped", reason});
    log_warn("{} skipped: {}", id, reason);
  }
  sweep.trials = std::move(kept);
}

// Names of one training are trained once.
void skip_same_training(PreparedSweep& sweep) {
  const auto standing = standing_trials(sweep.trials);
  std::vector<TrainSettings> kept;
  for (std::size_t i = 0; i < standing.size(); ++i) {
    const auto& trial = sweep.trials[i];
    if (standing[i] == i) {
      kept.push_back(trial);
      continue;
    }
    const auto id = trial_id(trial, sweep.evaluators.at(data_key(trial))->trial_settings());
    sweep.skipped.push_back(
        {id, "skipped", "the same training as " + sweep.trials[standing[i]].point});
  }
  sweep.trials = std::move(kept);
}

// Whether products round to TF32 is one switch of the process. A captured iteration keeps the way
// it was captured in; others would take turns at every step.
void refuse_mixed_precision(const PreparedSweep& sweep, const SweepSettings& settings) {
  if (sweep.device.is_cpu() || settings.jobs < 2 || settings.steps.graph != "off") return;
  const auto rounds = [](const TrainSettings& t) { return precisions().at(t.precision).tf32; };
  for (const auto& trial : sweep.trials) {
    if (rounds(trial) == rounds(sweep.trials.front())) continue;
    fail(ErrorKind::kUsage, {.where = "sweep with --graph off",
                             .expected = "one precision for trials that share a GPU",
                             .got = sweep.trials.front().precision + " and " + trial.precision,
                             .hint = "use --jobs 1"});
  }
}

// Only what is trained is counted: a name that shares its training goes with the trial that stands
// for it, so that shards are of one size and never train the same twice.
std::vector<TrainSettings> trials_of_shard(const Plan& plan, const SweepSettings& settings) {
  if (settings.shards < 1 || settings.shard < 0 || settings.shard >= settings.shards) {
    fail(ErrorKind::kUsage,
         {.where = "shard",
          .expected = settings.shards < 1
                          ? "I/N with N from 1 on"
                          : fmt::format("I/{0} with I from 1 to {0}", settings.shards),
          .got = fmt::format("{}/{}", settings.shard + 1, settings.shards)});
  }
  const auto all = plan_trials(plan);
  const auto standing = standing_trials(all);
  std::vector<std::int64_t> number(all.size(), 0);
  std::int64_t trained = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (standing[i] == i) number[i] = trained++;
  }
  std::vector<TrainSettings> mine;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (number[standing[i]] % settings.shards == settings.shard) mine.push_back(all[i]);
  }
  return mine;
}

// Samples are shared by all that are told different things of them.
const TrialData& load_once(std::map<DataLimit, TrialData>& loaded, const DataLimit& limit,
                           const Plan& plan, const SweepSettings& settings) {
  if (loaded.count(limit) == 0)
    loaded[limit] = load_trial_data(plan.dataset, settings.data_dir, limit);
  return loaded.at(limit);
}

// Neighbourhoods and partitions cost minutes and are the same for every sweep of the data: they lie
// beside the features of references, where there is a place for these.
NeighborhoodSource kept_by(const SweepSettings& settings, const Dataset& train,
                           const DataKey& key) {
  NeighborhoodSource source;
  if (!settings.cache) return source;
  const auto file = [&](const std::string& what) {
    return *settings.cache / fmt::format("{}-{}-{}.safetensors", what, source.settings.features,
                                         train.digest.substr(0, 16));
  };
  source.keep = file(fmt::format("neighbors-{}", source.settings.k));
  source.partition_keep = file(fmt::format("partition-{}", key.clusters));
  return source;
}

}  // namespace

std::int64_t trainings_of(const Plan& plan, const SweepSettings& settings) {
  const auto standing = standing_trials(trials_of_shard(plan, settings));
  return static_cast<std::int64_t>(std::set(standing.begin(), standing.end()).size());
}

PreparedSweep prepare_sweep(const Plan& plan, const SweepSettings& settings) {
  PreparedSweep sweep;
  sweep.device = parse_device(settings.device);
  sweep.trials = trials_of_shard(plan, settings);
  std::int64_t threads = 1;
  std::map<DataLimit, TrialData> loaded;
  Untold untold;
  for (auto& trial : sweep.trials) {
    trial.device = sweep.device.str();
    pin_initial_weights(trial);
    threads = std::max(threads, trial.threads);
    const auto key = data_key(trial);
    if (sweep.data.count(key) > 0) continue;
    auto& data = sweep.data[key];
    data = load_once(loaded, key.limit, plan, settings);
    if (needs_images_alone(resolve_candidate(trial)) && data.train.shape.points) {
      leave_out_classes(trial, data);  // skipped further on
    } else {
      try {
        prepare_trial_data(trial, kept_by(settings, data.train, key), data);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::kData) throw;
        untold[key] = error.what();
      }
    }
    sweep.evaluators[key] = std::make_unique<Evaluator>(
        data.train, data.held_out ? &*data.held_out : nullptr, plan.evaluation, sweep.device,
        EvaluatorOptions{.cache = settings.cache});
    sweep.evaluators[key]->set_unseen(data.unseen ? &*data.unseen : nullptr);
  }
  skip_untrainable(sweep, untold);
  skip_same_training(sweep);
  // The detector's resolved name is part of a trial's identity, so ids come after the evaluators.
  for (const auto& trial : sweep.trials) {
    sweep.ids.push_back(trial_id(trial, sweep.evaluators.at(data_key(trial))->trial_settings()));
  }
  sweep.jobs =
      settings.jobs > 0 ? settings.jobs : default_jobs(sweep.device, threads, sweep.trials.size());
  sweep.finds_jobs = settings.jobs == 0 && !sweep.device.is_cpu();
  refuse_mixed_precision(sweep, settings);
  return sweep;
}

bool is_finished(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kRecordFile, ignored)) return false;
  return read_record(folder / kRecordFile).status != TrialStatus::kFailed;
}

std::vector<SweepTrial> sweep_status(const Plan& plan, const SweepSettings& settings) {
  const PreparedSweep sweep = prepare_sweep(plan, settings);
  std::vector<SweepTrial> trials;
  std::error_code ignored;
  for (const auto& id : sweep.ids) {
    const auto folder = settings.out / id;
    SweepTrial trial{.trial_id = id, .status = "not begun", .reason = ""};
    if (fs::exists(folder / kRecordFile, ignored)) {
      const auto record = read_record(folder / kRecordFile);
      trial.status = status_name(record.status);
      trial.reason = record.status_detail.reason.value_or("");
    } else if (const auto holder = Lease::holder(folder)) {
      trial.status = "running";
      trial.reason = *holder;
    } else if (fs::exists(folder, ignored)) {
      trial.status = "begun";
    }
    trials.push_back(std::move(trial));
  }
  trials.insert(trials.end(), sweep.skipped.begin(), sweep.skipped.end());
  return trials;
}

}  // namespace ganselect
