#include "harness/train/trial.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/seeds.h"
#include "base/torch/device.h"
#include "harness/train/checkpoint.h"
#include "harness/train/collapse.h"
#include "harness/train/cost.h"
#include "harness/train/event_file.h"
#include "harness/train/kept_state.h"
#include "harness/train/memory.h"
#include "harness/train/sampler.h"
#include "harness/train/trial_files.h"

namespace ganselect {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kFirstCheckpointSeconds = 1.0;
constexpr double kProgressSeconds = 0.1;     // least time between two progress calls
constexpr std::int64_t kMeasuredSteps = 2;   // memory repeats itself from the second step on
constexpr std::int64_t kMostClassRows = 20;  // of a picture with a row a class
constexpr std::int64_t kClassColumns = 10;
constexpr std::int64_t kPicturedPoints = 1000;  // samples drawn for a picture of points

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One run of a trial in its folder. Lives on one thread.
class TrialRun {
 public:
  TrialRun(const TrainSettings& settings, const Dataset& train, const Dataset* held_out,
           const TrialCallbacks& callbacks, const TrialOptions& options,
           const std::filesystem::path& folder)
      : settings_(settings),
        train_(train),
        held_out_(held_out),
        callbacks_(callbacks),
        options_(options),
        folder_(folder) {
    check_settings(settings, "trial settings");
    // What cannot be trained must not leave a folder behind.
    const auto candidate = resolve_candidate(settings);
    require_buildable(candidate,
                      build_settings(settings, train.shape, data_conditioning(candidate, train)));
    std::error_code ignored;
    new_ = !std::filesystem::exists(folder / kSettingsFile, ignored);
    claim_folder(folder, trial_settings_json(settings, options.extra_settings, train, held_out));
    try {
      start();
    } catch (...) {
      forget_settings();
      throw;
    }
  }

  TrialResult run() {
    const auto on_stream = trainer_->use_stream();
    const std::int64_t began = trainer_->steps_done();
    if (cut_off_while_measuring()) {
      if (asked_to_stop()) return interrupted_result();
      if (peak_bytes_) meter_.reset();  // of training, which is over
      measure_row();
    }
    while (!status_ && trainer_->steps_done() < settings_.steps) {
      if (asked_to_stop()) return interrupted_result();
      train_step();
      if (meter_ && trainer_->steps_done() >= began + kMeasuredSteps) take_peak();
      if (row_due()) end_row();
      report(false);
      if (!status_ && save_due()) save();
    }
    take_peak();
    if (!status_) status_ = TrialEnding{.name = "finished"};
    save();
    drop_previous_checkpoint(folder_);
    report(true);
    return ended_result();
  }

 private:
  void start() {
    meter_ = std::make_unique<MemoryMeter>(parse_device(settings_.device));
    trainer_ = std::make_unique<Trainer>(settings_, train_, held_out_, options_.steps);
    resume();
    if (options_.tensorboard) events_.emplace(folder_, trainer_->steps_done());
    if (options_.tell_resuming && trainer_->steps_done() > 0 &&
        trainer_->steps_done() < settings_.steps && !status_)
      log_info("{}: goes on from update {} of {}", folder_.string(), trainer_->steps_done(),
               settings_.steps);
  }

  // Settings that turn out not to be trainable here (too wide for the memory) are not kept: mended
  // ones then start in the same folder.
  void forget_settings() {
    std::error_code ignored;
    if (new_) std::filesystem::remove(folder_ / kSettingsFile, ignored);
  }

  void resume() {
    const auto checkpoint = load_checkpoint(folder_);
    if (!checkpoint) return;
    TensorFile state = checkpoint->state;
    trainer_->restore(state);
    seconds_ = checkpoint->seconds;
    rows_ = load_curve(folder_, trainer_->steps_done());
    collapse_seen_ = find_collapse(rows_).has_value();
    try {
      take_up(checkpoint->trial);
    } catch (const Json::exception& error) {
      fail(ErrorKind::kData, {.where = (folder_ / kCheckpointFile).string(),
                              .expected = "the trial's own metadata",
                              .got = error.what()});
    }
  }

  // The reverse of what save() keeps.
  void take_up(const Json& trial) {
    evaluations_ = trial.at("evaluations");
    if (!trial.at("peak_memory_bytes").is_null()) {
      peak_bytes_ = trial.at("peak_memory_bytes").get<std::int64_t>();
    }
    const Json& status = trial.at("status");
    // One that had all its updates and is asked for more is trained on.
    const bool trained_on = trainer_->steps_done() < settings_.steps && !status.is_null() &&
                            status.at("name") == "finished";
    if (status.is_null() || trained_on) return;
    status_ = TrialEnding{.name = status.at("name"), .reason = status.at("reason")};
    if (!status.at("step").is_null()) status_->step = status.at("step").get<std::int64_t>();
  }

  // The first checkpoint comes early, so that a trial cut off soon after its start is not started
  // over.
  bool save_due() const {
    const double interval = saved_once_ ? options_.checkpoint_seconds : kFirstCheckpointSeconds;
    return seconds_since(saved_) >= std::min(interval, options_.checkpoint_seconds);
  }

  bool asked_to_stop() const { return callbacks_.stop ? callbacks_.stop() : interrupted(); }

  void train_step() {
    const auto start = Clock::now();
    try {
      trainer_->step();
    } catch (...) {
      if (trainer_->steps_done() == 0) forget_settings();
      throw;
    }
    seconds_ += seconds_since(start);
  }

  bool evaluation_due() const {
    if (!callbacks_.evaluate) return false;
    const auto step = trainer_->steps_done();
    const auto& further = options_.evaluation_steps;
    return step == settings_.steps ||
           std::find(further.begin(), further.end(), step) != further.end() ||
           (settings_.evaluation_interval > 0 && step % settings_.evaluation_interval == 0);
  }

  bool row_due() const {
    const auto step = trainer_->steps_done();
    return step % settings_.curve_interval == 0 || step == settings_.steps || evaluation_due();
  }

  // Reads the curve row, evaluates where due, and judges whether the trial goes on.
  void end_row() {
    const auto start = Clock::now();
    CurveRow row = trainer_->read_row(seconds_);
    seconds_ += seconds_since(start);
    row.seconds = seconds_;
    if (row.non_finite_step) {
      status_ = TrialEnding{.name = "diverged",
                            .step = row.non_finite_step,
                            .reason = "a loss or gradient was not finite"};
      rows_.push_back(std::move(row));
      return tell_events();
    }
    const bool evaluated = evaluation_due();
    rows_.push_back(std::move(row));
    tell_events();
    if (!evaluated) return watch_collapse();
    save_before_measuring();
    measure_row();
  }

  // Whatever measuring comes to, nothing has to be trained again.
  void save_before_measuring() {
    const bool last = trainer_->steps_done() == settings_.steps;
    if (last) take_peak();
    save();
    if (last) save_generator(folder_ / kGeneratorFile, *trainer_);
  }

  // The state was saved with the row to be measured, and measuring it failed or was cut off.
  bool cut_off_while_measuring() const {
    const auto step = trainer_->steps_done();
    return !status_ && step > 0 && evaluation_due() && !rows_.empty() &&
           rows_.back().step == step &&
           std::none_of(evaluations_.begin(), evaluations_.end(),
                        [&](const Json& entry) { return entry.at("step") == step; });
  }

  void measure_row() {
    evaluate(rows_.back());
    tell_events();
    watch_collapse();
    if (!status_) save();
  }

  void evaluate(CurveRow& row) {
    // Whatever the evaluation does to modes and statistics, training goes on as without it.
    const KeptState kept(*trainer_->networks().generator);
    Evaluation evaluation = callbacks_.evaluate(*trainer_, progress());
    row.measures = std::move(evaluation.values);
    Json entry = {{"step", row.step}, {"seconds", row.seconds}};
    for (const auto& item : evaluation.record.items()) entry[item.key()] = item.value();
    evaluations_.push_back(std::move(entry));
  }

  void watch_collapse() {
    if (collapse_seen_) return;
    const auto finding = find_collapse(rows_);
    if (!finding) return;
    collapse_seen_ = true;
    log_warn("{}: collapse at step {}: {}", folder_.string(), finding->step, finding->reason);
    if (collapse_actions().at(settings_.on_collapse).stops) {
      status_ = TrialEnding{.name = "collapsed", .step = finding->step, .reason = finding->reason};
    }
  }

  void take_peak() {
    if (!meter_) return;
    // The data set itself lies on the CPU unseen by the meter; a copy on another device is counted
    // there.
    const std::int64_t data =
        trainer_->device().is_cpu() ? static_cast<std::int64_t>(train_.samples.nbytes()) : 0;
    if (trainer_->steps_done() > 0) {
      peak_bytes_ = std::max(peak_bytes_.value_or(0), meter_->peak_bytes() + data);
    }
    meter_.reset();
  }

  TrialProgress progress() const {
    return {.step = trainer_->steps_done(),
            .steps = settings_.steps,
            .seconds = seconds_,
            .row = rows_.empty() ? nullptr : &rows_.back()};
  }

  void report(bool always) {
    if (!callbacks_.progress) return;
    if (!always && seconds_since(reported_) < kProgressSeconds) return;
    reported_ = Clock::now();
    callbacks_.progress(progress());
  }

  void tell_events() {
    if (events_) events_->write(rows_);
  }

  // The curve goes first: rows beyond the checkpoint's step are cut when it is taken up.
  void save() {
    save_curve(folder_, rows_);
    tell_events();
    Json trial = {{"status", nullptr},
                  {"evaluations", evaluations_},
                  {"peak_memory_bytes", peak_bytes_ ? Json(*peak_bytes_) : Json(nullptr)}};
    if (status_) {
      trial["status"] = {{"name", status_->name},
                         {"step", status_->step ? Json(*status_->step) : Json(nullptr)},
                         {"reason", status_->reason}};
    }
    save_checkpoint(folder_,
                    {.state = trainer_->state(), .seconds = seconds_, .trial = std::move(trial)});
    saved_ = Clock::now();
    saved_once_ = true;
  }

  TrialResult result() const {
    TrialResult result{.steps_done = trainer_->steps_done(),
                       .train_seconds = seconds_,
                       .step_mode = trainer_->step_mode(),
                       .rows = rows_,
                       .evaluations = evaluations_};
    result.cost = cost_measures(
        *trainer_,
        {.train_seconds = seconds_, .steps = result.steps_done, .peak_memory_bytes = peak_bytes_});
    result.files = {
        {"settings", kSettingsFile}, {"curve", kCurveFile}, {"checkpoint", kCheckpointFile}};
    const auto finding = find_collapse(rows_);
    if (finding && !(status_ && status_->name == "collapsed")) {
      result.warnings.push_back("collapse at step " + std::to_string(finding->step) + ": " +
                                finding->reason);
    }
    return result;
  }

  TrialResult interrupted_result() {
    take_peak();
    save();
    TrialResult stopped = result();
    stopped.status = {
        .name = "interrupted", .step = trainer_->steps_done(), .reason = "stopped, state saved"};
    return stopped;
  }

  TrialResult ended_result() {
    TrialResult ended = result();
    ended.status = *status_;
    if (status_->name == "diverged") return ended;
    save_generator(folder_ / kGeneratorFile, *trainer_);
    save_picture();
    ended.files["generator"] = kGeneratorFile;
    ended.files["samples"] = kSamplesFile;
    return ended;
  }

  // A row for each class where samples can be asked for one and the rows are few.
  void save_picture() {
    SampleSettings sampling{.seed = stream_seed(settings_.seed, "grid")};
    sampling.count = train_.shape.points ? kPicturedPoints : options_.grid_samples;
    auto& generator = trainer_->evaluated_generator();
    const auto& conditions = trainer_->conditions();
    const auto classes = static_cast<std::int64_t>(conditions.class_names.size());
    if (train_.shape.points || classes == 0 || classes > kMostClassRows) {
      const auto columns = std::ceil(std::sqrt(static_cast<double>(sampling.count)));
      save_samples_picture(folder_, draw_samples(generator, sampling, conditions).samples,
                           static_cast<std::int64_t>(columns), train_);
      return;
    }
    const auto rows = draw_class_rows(generator, sampling, conditions, kClassColumns);
    save_samples_picture(folder_, rows.samples, kClassColumns, train_);
  }

  TrainSettings settings_;
  const Dataset& train_;
  const Dataset* held_out_;
  const TrialCallbacks& callbacks_;
  const TrialOptions& options_;
  std::filesystem::path folder_;
  bool new_ = false;                    // its settings were written by this run
  std::unique_ptr<MemoryMeter> meter_;  // on for the first steps only
  std::unique_ptr<Trainer> trainer_;
  double seconds_ = 0;
  std::vector<CurveRow> rows_;
  std::optional<EventFile> events_;
  Json evaluations_ = Json::array();
  std::optional<std::int64_t> peak_bytes_;
  std::optional<TrialEnding> status_;  // set once the trial has ended
  bool collapse_seen_ = false;
  bool saved_once_ = false;
  Clock::time_point saved_ = Clock::now();
  Clock::time_point reported_ = Clock::now();
};

}  // namespace

TrialResult run_trial(const TrainSettings& settings, const Dataset& train, const Dataset* held_out,
                      const TrialCallbacks& callbacks, const TrialOptions& options,
                      const std::filesystem::path& folder) {
  TrialRun trial(settings, train, held_out, callbacks, options, folder);
  return trial.run();
}

}  // namespace ganselect
