#include "harness/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/lease.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/torch/device.h"
#include "harness/sweep/forecast.h"
#include "harness/sweep/job_pool.h"
#include "harness/sweep/sweep_prepare.h"
#include "harness/sweep/sweep_probe.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/capture/graph_module.h"
#include "harness/train/device_facts.h"
#include "harness/train/trainer.h"
#include "models/cost.h"
#include "results/records/store.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

// Work is counted in operations of training, so that one percent is one percent of the work.
class SweepProgress {
 public:
  SweepProgress(const std::string& title, std::vector<double> costs,
                const std::vector<bool>& finished)
      : costs_(std::move(costs)), shares_(costs_.size(), 0.0) {
    double before = 0;
    for (std::size_t i = 0; i < costs_.size(); ++i) {
      if (finished[i]) {
        shares_[i] = 1;
        before += costs_[i];
      }
    }
    bar_.emplace(title, std::accumulate(costs_.begin(), costs_.end(), 0.0), before);
  }
  void update(std::size_t trial, double share, const std::string& remark) {
    std::scoped_lock lock(mutex_);
    shares_[trial] = share;
    bar_->update(std::inner_product(costs_.begin(), costs_.end(), shares_.begin(), 0.0), remark);
  }
  // Operations done so far.
  double done() {
    std::scoped_lock lock(mutex_);
    return std::inner_product(costs_.begin(), costs_.end(), shares_.begin(), 0.0);
  }
  void finish() { bar_->finish(); }

 private:
  std::mutex mutex_;
  std::vector<double> costs_, shares_;
  std::optional<Progress> bar_;
};

std::string remark_of(const TrainSettings& settings, const TrialProgress& at) {
  std::string text =
      fmt::format("{} s{} step {}/{}", settings.point, settings.seed, at.step, at.steps);
  if (at.row != nullptr && at.row->loss_d && at.row->loss_g) {
    text += fmt::format(" loss D {:.3g} G {:.3g}", *at.row->loss_d, *at.row->loss_g);
  }
  return text;
}

class SweepRunner {
 public:
  SweepRunner(const Plan& plan, const SweepSettings& settings)
      : plan_(plan),
        settings_(settings),
        sweep_(prepare_sweep(plan, settings)),
        start_(Clock::now()) {}

  SweepResult run() {
    make_folder(settings_.out);
    std::vector<bool> finished;
    std::map<std::size_t, Record> earlier;  // of the finished ones
    for (const auto& id : sweep_.ids) finished.push_back(is_finished(settings_.out / id));
    result_.trials.resize(sweep_.trials.size());
    for (std::size_t i = 0; i < sweep_.trials.size(); ++i) {
      result_.trials[i] = {sweep_.ids[i], "unfinished", ""};
      if (!finished[i]) {
        pending_.push_back(i);
        continue;
      }
      const auto added =
          earlier.emplace(i, read_record(settings_.out / sweep_.ids[i] / kRecordFile));
      take_outcome(i, added.first->second);
      Lease::clear_dead(settings_.out / sweep_.ids[i]);  // killed after its record was written
      if (settings_.tensorboard) write_trial_events(settings_.out / sweep_.ids[i]);
    }
    log_info("{}: {} trials on {}, {} finished before, {} at a time", plan_.name,
             sweep_.trials.size(), plan_.dataset, sweep_.trials.size() - pending_.size(),
             sweep_.finds_jobs ? "as many as pay" : std::to_string(sweep_.jobs));
    result_.trials.insert(result_.trials.end(), sweep_.skipped.begin(), sweep_.skipped.end());
    if (pending_.empty()) return result_;
    forecast_.emplace(operations());
    for (const auto& [i, record] : earlier) learn_from(i, record);
    progress_.emplace(plan_.name, forecast_->operations(), finished);
    work();
    if (result_.count("unfinished") == 0) progress_->finish();
    return result_;
  }

 private:
  // Of each trial. Those of one plan that differ by seed cost the same.
  std::vector<double> operations() const {
    std::map<std::string, double> known;
    std::vector<double> all;
    for (std::size_t i = 0; i < sweep_.trials.size(); ++i) {
      TrainSettings key = sweep_.trials[i];
      key.seed = 0;
      const auto [found, added] = known.try_emplace(settings_to_json(key).dump(), 1.0);
      if (added) {
        try {
          found->second = std::max(1.0, training_operations(sweep_.trials[i], data_of(i)));
        } catch (const std::exception&) {
          // What fails here fails again in its own trial, where it is recorded.
        }
      }
      all.push_back(found->second);
    }
    return all;
  }

  // A trial of an earlier call, on this machine; how long its evaluations took is not recorded.
  void learn_from(std::size_t i, const Record& record) {
    const auto seconds = record.measure("train_seconds");
    if (!seconds || record.budget.steps < sweep_.trials[i].steps) return;
    if (!record.provenance.contains("machine")) return;
    const auto here = device_facts(sweep_.device, sweep_.trials[i].threads);
    if (record.provenance["machine"].value("name", Json()) != here.at("name")) return;
    forecast_->learn(i, *seconds, 0);
  }

  void work() {
    PoolSettings pool;
    pool.jobs = pool.most = sweep_.jobs;
    pool.stop = [this] { return stop_asked(); };
    if (const auto memory = device_memory(sweep_.device); memory && sweep_.finds_jobs) {
      // Operators asked for one by one from several threads only wait for each other.
      pool.most = captures() ? kMostTrialsAtOnce : 1;
      pool.work_done = [this] { return progress_->done(); };
      pool.fit = [this](std::int64_t running) {
        return trials_in_memory(*device_memory(sweep_.device), running);
      };
    }
    while (!pending_.empty()) {
      const auto round = forecast_->longest_first(std::exchange(pending_, {}), learns_first());
      run_pool(
          round.size(),
          [&](std::size_t n) {
            if (fits_budget(round[n])) claim_and_run(round[n]);
          },
          pool);
      if (!wait_for_others()) break;
    }
    result_.interrupted = interrupted();
    result_.stopped_by_budget = !result_.interrupted && (out_of_time() || left_out_);
  }

  // Whether iterations of this sweep are recorded, but for single ones that cannot be.
  bool captures() const {
    if (!graph_modes().at(settings_.steps.graph).tries) return false;
    return settings_.steps.recorder || graph_support(sweep_.device).make;
  }

  // A budget for whole trials needs to know what they take.
  bool learns_first() const {
    return settings_.only_whole_trials && settings_.time_budget_seconds.has_value();
  }

  bool fits_budget(std::size_t i) {
    if (!learns_first()) return true;
    const auto foretold = forecast_->seconds(i);
    std::scoped_lock lock(mutex_);
    const bool fits = !foretold || elapsed() + *foretold <= *settings_.time_budget_seconds;
    left_out_ = left_out_ || !fits;
    return fits;
  }

  // A trial that another process trains is left to it, and looked at again later: it may die.
  void claim_and_run(std::size_t i) {
    const auto folder = settings_.out / sweep_.ids[i];
    try {
      if (const auto lease = Lease::claim(folder)) {
        if (is_finished(folder)) return take_finished(i);
        return run_one(i);
      }
    } catch (const std::exception& e) {
      TrialJob job;
      job.settings = sweep_.trials[i];
      job.folder = folder;
      return take_failure(i, job, e.what());
    }
    const std::scoped_lock lock(mutex_);
    pending_.push_back(i);
  }

  void take_finished(std::size_t i) {
    take_outcome(i, read_record(settings_.out / sweep_.ids[i] / kRecordFile));
    progress_->update(i, 1, sweep_.ids[i] + " by another process");
  }

  // Until a trial that others train can be claimed or is finished; false when there is none left,
  // or this process is to stop.
  bool wait_for_others() {
    constexpr auto kPause = std::chrono::seconds(2);
    bool said = false;
    while (!pending_.empty() && !stop_asked()) {
      std::vector<std::size_t> left;
      bool free = false;
      for (const auto i : pending_) {
        const auto folder = settings_.out / sweep_.ids[i];
        if (is_finished(folder)) {
          take_finished(i);
          continue;
        }
        left.push_back(i);
        free = free || !Lease::holder(folder);
      }
      pending_ = std::move(left);
      if (free) return true;
      if (!said && !pending_.empty())
        log_info("{}: {} trials are with other processes", plan_.name, pending_.size());
      said = true;
      if (!pending_.empty()) std::this_thread::sleep_for(kPause);
    }
    return false;
  }

  void run_one(std::size_t i) {
    TrialJob job;
    job.claimed = true;
    job.settings = sweep_.trials[i];
    job.folder = settings_.out / sweep_.ids[i];
    job.plan = plan_.name;
    job.steps = settings_.steps;
    job.tensorboard = settings_.tensorboard;
    job.stop = [this] { return stop_asked(); };
    job.progress = [this, i, &job](const TrialProgress& at) {
      // The final evaluation is still to come when the last step is done.
      progress_->update(i, 0.95 * static_cast<double>(at.step) / static_cast<double>(at.steps),
                        remark_of(job.settings, at));
    };
    const double began = elapsed();
    try {
      std::error_code ignored;
      fs::remove(job.folder / kRecordFile, ignored);  // of a failed attempt: this is the next one
      if (const auto record = run_trial_job(job, data_of(i), evaluator_of(i))) {
        take_outcome(i, *record);
        progress_->update(i, 1, sweep_.ids[i] + " " + std::string(status_name(record->status)));
        const auto training = record->measure("train_seconds");
        if (record->status == TrialStatus::kFinished && training)
          forecast_->learn(i, *training, std::max(0.0, elapsed() - began - *training));
      }
    } catch (const std::exception& e) {
      take_failure(i, job, e.what());
    }
  }

  void take_failure(std::size_t i, const TrialJob& job, const std::string& reason) {
    log_warn("trial {} failed: {}", sweep_.ids[i], reason);
    try {
      const Record record = failed_record(job, data_of(i), evaluator_of(i), reason);
      write_record(job.folder, record);
      take_outcome(i, record);
    } catch (const std::exception& e) {
      std::scoped_lock lock(mutex_);
      result_.trials[i] = {sweep_.ids[i], "failed", reason};
    }
  }

  void take_outcome(std::size_t i, const Record& record) {
    std::scoped_lock lock(mutex_);
    result_.trials[i] = {sweep_.ids[i], std::string(status_name(record.status)),
                         record.status_detail.reason.value_or("")};
  }

  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool out_of_time() const {
    return settings_.time_budget_seconds && elapsed() > *settings_.time_budget_seconds;
  }
  bool stop_asked() const { return interrupted() || out_of_time(); }
  const TrialData& data_of(std::size_t i) const {
    return sweep_.data.at(data_key(sweep_.trials[i]));
  }
  Evaluator& evaluator_of(std::size_t i) {
    return *sweep_.evaluators.at(data_key(sweep_.trials[i]));
  }

  const Plan& plan_;
  const SweepSettings& settings_;
  PreparedSweep sweep_;
  Clock::time_point start_;
  std::vector<std::size_t> pending_;
  std::optional<Forecast> forecast_;
  bool left_out_ = false;  // a trial was not started since the budget would cut it off
  std::optional<SweepProgress> progress_;
  std::mutex mutex_;
  SweepResult result_;
};

// Checkpoint (weights, Adam's two moments, and the one before it while training), generator, curve,
// grid and record.
double disk_bytes_of(const TrainSettings& settings, const TrialData& data) {
  constexpr double kSmallFiles = 400e3;
  const auto candidate = resolve_candidate(settings);
  const Networks networks = build_networks(
      candidate,
      build_settings(settings, data.train.shape, data_conditioning(candidate, data.train)),
      settings.seed);
  const auto g = static_cast<double>(parameter_count(*networks.generator));
  const auto d = static_cast<double>(parameter_count(*networks.critic));
  return 4 * (2 * 3 * (g + d) + g) + kSmallFiles;
}

}  // namespace

std::size_t SweepResult::count(const std::string& status) const {
  return static_cast<std::size_t>(
      std::count_if(trials.begin(), trials.end(),
                    [&](const SweepTrial& trial) { return trial.status == status; }));
}

SweepResult run_sweep(const Plan& plan, const SweepSettings& settings) {
  return SweepRunner(plan, settings).run();
}

SweepEstimate estimate_sweep(const Plan& plan, const SweepSettings& settings) {
  PreparedSweep sweep = prepare_sweep(plan, settings);
  SweepEstimate estimate;
  estimate.jobs = sweep.jobs;
  const double resident_before = resident_bytes();
  double work = 0, longest = 0;
  std::map<std::string, TrialProbe> known;
  Progress bar("probe", static_cast<double>(sweep.trials.size()));
  for (std::size_t i = 0; i < sweep.trials.size(); ++i) {
    throw_if_interrupted("nothing was written");
    const auto& trial = sweep.trials[i];
    TrialEstimate one;
    one.trial_id = sweep.ids[i];
    one.finished = is_finished(settings.out / sweep.ids[i]);
    if (!one.finished) {
      TrainSettings key = trial;
      key.seed = 0;
      const auto [found, added] = known.try_emplace(settings_to_json(key).dump());
      const auto& data = sweep.data.at(data_key(trial));
      if (added)
        found->second =
            probe_trial(trial, data, *sweep.evaluators.at(data_key(trial)), settings.steps);
      one.train_seconds = found->second.seconds_per_update * static_cast<double>(trial.steps);
      one.evaluation_seconds = found->second.evaluation_seconds;
      one.disk_bytes = disk_bytes_of(trial, data);
      work += one.train_seconds + one.evaluation_seconds;
      longest = std::max(longest, one.train_seconds + one.evaluation_seconds);
      estimate.disk_bytes += one.disk_bytes;
    }
    estimate.trials.push_back(one);
    bar.update(static_cast<double>(i + 1), one.trial_id);
  }
  estimate.seconds = std::max(longest, work / static_cast<double>(sweep.jobs));
  const double resident_after = resident_bytes();
  estimate.memory_bytes = resident_after + static_cast<double>(sweep.jobs - 1) *
                                               std::max(0.0, resident_after - resident_before);
  return estimate;
}

Json to_json(const SweepEstimate& estimate) {
  Json trials = Json::array();
  for (const auto& trial : estimate.trials) {
    trials.push_back({{"trial_id", trial.trial_id},
                      {"finished", trial.finished},
                      {"train_seconds", trial.train_seconds},
                      {"evaluation_seconds", trial.evaluation_seconds},
                      {"disk_bytes", trial.disk_bytes}});
  }
  return {{"trials", trials},
          {"jobs", estimate.jobs},
          {"seconds", estimate.seconds},
          {"memory_bytes", estimate.memory_bytes},
          {"disk_bytes", estimate.disk_bytes}};
}

}  // namespace ganselect
