#include "harness/race/race.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/statistics.h"
#include "base/text.h"
#include "harness/race/contenders.h"
#include "harness/race/race_plan.h"
#include "harness/sweep/job_pool.h"
#include "harness/train/trial_files.h"
#include "results/records/store.h"
#include "selection/race/levels.h"
#include "selection/race/page.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr const char* kClockFile = "clock.json";
constexpr const char* kRacePlanName = "race";
constexpr double kClockSeconds = 1;     // between two writings of the clock
constexpr double kReserveSeconds = 1;   // of a budget, for the last files and the page
constexpr double kFirstPart = 0.6;      // of what is left, trained before speed is taken again
constexpr std::int64_t kLeastMore = 5;  // updates below which the winner is left as it is
constexpr const char* kSaved = "the race's state is saved; the same command goes on";

// Two reads of one race must not differ by where it was cut off, so times stand in a file of their
// own.
double used_before(const fs::path& out) {
  std::error_code unseen;
  const auto file = out / kClockFile;
  return fs::exists(file, unseen) ? read_json_file(file).at("used_seconds").get<double>() : 0.0;
}

std::optional<RaceState> race_in(const fs::path& out) {
  std::error_code unseen;
  const auto file = out / kRaceFile;
  if (!fs::exists(file, unseen)) return std::nullopt;
  return race_from_json(read_json_file(file), file.string());
}

void require_same_race(const Json& found, const Json& asked, const fs::path& out) {
  // As they would be read back, so that 1 and 1.0 in memory do not differ.
  const Json read = parse_json(asked.dump(), "race settings");
  for (const auto& item : read.items()) {
    if (found.contains(item.key()) && found.at(item.key()) == item.value()) continue;
    fail(ErrorKind::kUsage,
         {.where = (out / kRaceFile).string(),
          .expected = "'" + item.key() + "' = " +
                      (found.contains(item.key()) ? found.at(item.key()).dump() : "no such key") +
                      ", as the race was started",
          .got = item.value().dump(),
          .hint = "use another folder for another race"});
  }
}

struct RaceTrial {
  std::size_t contender = 0;
  std::uint64_t seed = 0;
};

class RaceRunner {
 public:
  RaceRunner(RaceGround& ground, RaceState& state, const RaceClock& clock)
      : ground_(ground), state_(state), clock_(clock), out_(ground.settings.out) {
    if (timed()) race_until_ = clock_.used() + BudgetSettings{}.race_share * left();
    const double total = timed() ? *ground_.settings.budget_seconds : planned_updates();
    bar_.emplace("race", total, timed() ? clock_.used() : 0.0);
  }

  void run() {
    save();
    while (const auto next = next_look()) {
      if (timed() && !state_.looks.empty() && clock_.used() > race_until_) break;
      look_at(*next);
      if (timed() && next->step == state_.ladder[next->rung].end()) fit_rest(next->rung);
    }
    finish_winner();
    bar_->finish();
  }

 private:
  struct NextLook {
    std::int64_t step = 0;
    std::size_t rung = 0;
  };

  bool timed() const {
    return ground_.settings.rungs.empty() && ground_.settings.budget_seconds.has_value();
  }
  double left() const { return *ground_.settings.budget_seconds - clock_.used(); }
  std::int64_t last_step() const { return state_.looks.empty() ? 0 : state_.looks.back().step; }

  // The first look beyond the last one; nothing once it is decided who wins.
  std::optional<NextLook> next_look() const {
    if (alive_in(state_).size() < 2) return std::nullopt;
    for (std::size_t k = 0; k < state_.ladder.size(); ++k) {
      for (const auto step : state_.ladder[k].looks) {
        if (step > last_step()) return NextLook{step, k};
      }
    }
    return std::nullopt;
  }

  // As if nobody fell behind.
  double planned_updates() const {
    double sum = 0;
    std::int64_t before = 0;
    auto in = state_.contenders.size();
    for (const auto& rung : state_.ladder) {
      sum += static_cast<double>(in * state_.seeds) * static_cast<double>(rung.end() - before);
      before = rung.end();
      in = std::min(in, rung.keep);
    }
    return sum;
  }

  void look_at(const NextLook& next) {
    const auto alive = alive_in(state_);
    std::vector<RaceTrial> trials;
    for (const auto contender : alive) {
      for (std::size_t s = 0; s < state_.seeds; ++s)
        trials.push_back({contender, ground_.settings.seed + s});
    }
    const auto records = train_to(next.step, trials);
    RaceLook look{.step = next.step, .rung = next.rung, .entries = {}, .out = {}};
    set_weights(records);
    for (std::size_t i = 0; i < trials.size(); ++i)
      look.entries.push_back(entry_of(trials[i], records[i]));
    state_.looks.push_back(std::move(look));
    decide(alive);
    save();
    report();
  }

  // Every trial to the same update; nothing for one that could not be run.
  std::vector<std::optional<Record>> train_to(std::int64_t step,
                                              const std::vector<RaceTrial>& trials) {
    std::vector<std::optional<Record>> records(trials.size());
    shares_.assign(trials.size(), 0.0);
    before_ = done_;
    const auto run = [&](std::size_t i) {
      try {
        records[i] = train_one(step, trials[i], i);
      } catch (const std::exception& e) {
        log_warn("{} failed: {}", state_.contenders[trials[i].contender].point, e.what());
      }
    };
    const auto jobs = static_cast<std::int64_t>(ground_.lanes.jobs);
    run_pool(trials.size(), run,
             {.jobs = jobs, .most = jobs, .stop = [] { return interrupted(); }});
    throw_if_interrupted(kSaved);
    return records;
  }

  TrialJob job_of(std::int64_t step, const RaceTrial& trial, std::size_t place) {
    TrialJob job;
    job.settings = ground_.settings_of(state_.contenders[trial.contender].point, trial.seed, step);
    job.folder = out_ / trial_folder(state_, trial.contender, trial.seed);
    job.plan = kRacePlanName;
    job.steps = ground_.settings.steps;
    job.tell_resuming = false;  // at every look
    job.progress = [this, place](const TrialProgress& at) { show(place, at); };
    return job;
  }

  std::optional<Record> train_one(std::int64_t step, const RaceTrial& trial, std::size_t place) {
    const auto job = job_of(step, trial, place);
    const double trained = keep_former(job.folder, trial, step);
    const double began = clock_.used();
    auto record = run_trial_job(job, ground_.data, *ground_.evaluator);
    if (!record) return record;
    const double training = record->measure("train_seconds").value_or(trained) - trained;
    const std::scoped_lock lock(mutex_);
    // One that only had to be read says nothing.
    if (training < clock_.used() - began) look_seconds_.push_back(clock_.used() - began - training);
    return record;
  }

  // What it was at the end of a rung goes to a folder of its own before it is trained on: trials
  // beside each other, for answers. Gives the seconds that it was trained by then.
  double keep_former(const fs::path& folder, const RaceTrial& trial, std::int64_t step) {
    std::error_code unseen;
    if (!fs::exists(folder / kRecordFile, unseen)) return 0;
    const Record record = read_record(folder / kRecordFile);
    const auto steps = record.budget.steps;
    const double trained = record.measure("train_seconds").value_or(0);
    if (steps >= step) return trained;
    const bool ends_rung = std::any_of(state_.ladder.begin(), state_.ladder.end(),
                                       [&](const Rung& rung) { return rung.end() == steps; });
    if (!ends_rung) {
      fs::remove(folder / kRecordFile);
      return trained;
    }
    const auto kept = out_ / former_folder(state_, trial.contender, trial.seed, steps);
    make_folder(kept);
    if (fs::exists(folder / kSamplesFile, unseen))
      fs::copy_file(folder / kSamplesFile, kept / kSamplesFile,
                    fs::copy_options::overwrite_existing);
    fs::rename(folder / kRecordFile, kept / kRecordFile);
    return trained;
  }

  // Criteria that count are those that all had at the first look that had any.
  void set_weights(const std::vector<std::optional<Record>>& records) {
    if (!state_.weights.empty()) return;
    std::vector<Record> finished;
    for (const auto& record : records) {
      if (record && record->status == TrialStatus::kFinished) finished.push_back(*record);
    }
    if (finished.empty()) return;
    state_.weights = race_weights(read_wish(ground_.settings.wish).use_case, finished);
    if (!state_.weights.empty()) return;
    fail(ErrorKind::kData, {.where = "race",
                            .expected = "a criterion of '" + ground_.settings.wish +
                                        "' that can be measured on these images",
                            .got = "none",
                            .hint = "ask for others by --for"});
  }

  // What the guard of training calls lost is lost; what only measures badly has a low level.
  RaceEntry entry_of(const RaceTrial& trial, const std::optional<Record>& record) const {
    RaceEntry entry{.contender = trial.contender, .seed = trial.seed, .status = "failed"};
    if (!record) return entry;
    entry.status = std::string(status_name(record->status));
    entry.fid = record->measure("fid");
    if (record->status == TrialStatus::kFinished && !state_.weights.empty())
      entry.level = race_level(*record, state_.weights);
    return entry;
  }

  // A contender is lost where half of its trials are.
  std::optional<std::string> loss_of(std::size_t contender) const {
    std::map<std::string, std::size_t> lost;
    std::size_t all = 0, count = 0;
    for (const auto& entry : state_.looks.back().entries) {
      if (entry.contender != contender) continue;
      ++all;
      if (entry.status == "finished") continue;
      ++lost[entry.status];
      ++count;
    }
    if (count == 0 || 2 * count < all) return std::nullopt;
    return std::max_element(lost.begin(), lost.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

  void decide(std::vector<std::size_t> alive) {
    auto& look = state_.looks.back();
    for (const auto contender : std::vector<std::size_t>(alive)) {
      const auto loss = loss_of(contender);
      if (!loss) continue;
      look.out.push_back({.contender = contender, .reason = *loss, .chance = std::nullopt});
      std::erase(alive, contender);
    }
    if (alive.empty()) {
      fail(ErrorKind::kData,
           {.where = "race",
            .expected = "a contender that can be trained on these images",
            .got = fmt::format("{} of {} lost by update {}", state_.contenders.size(),
                               state_.contenders.size(), look.step),
            .hint = "each trial's record says how"});
    }
    const auto standings = standings_of(state_);
    look.leader = leader_of(standings, alive);
    const auto& rung = state_.ladder[look.rung];
    const auto keep = look.step == rung.end() ? std::optional(rung.keep) : std::nullopt;
    const auto out = eliminate(standings, alive, keep);
    look.out.insert(look.out.end(), out.begin(), out.end());
  }

  // The rungs left, by what those that were run took; none where there is no time for one.
  void fit_rest(std::size_t rung) {
    const auto alive = alive_in(state_);
    const auto costs = measured_costs(alive);
    state_.ladder.resize(rung + 1);
    if (alive.size() < 2) return;
    const auto rest =
        fitted_ladder(race_until_ - clock_.used(), costs, ground_.lanes, halvings(alive.size()),
                      {.looks = static_cast<std::size_t>(ground_.settings.looks)}, last_step());
    if (rest) state_.ladder.insert(state_.ladder.end(), rest->begin(), rest->end());
    const auto end = state_.ladder.back().end();
    const double spare = std::max(0.0, *ground_.settings.budget_seconds - race_until_);
    state_.horizon =
        std::max(end, end + static_cast<std::int64_t>(spare / costs.front().seconds_per_update));
    save();
  }

  // By the trials' own clocks, and by what their looks took beside training.
  std::vector<ContenderCost> measured_costs(const std::vector<std::size_t>& contenders) const {
    std::vector<ContenderCost> costs;
    for (const auto contender : contenders) {
      const auto record = record_of(contender, ground_.settings.seed);
      costs.push_back(
          {.seconds_per_update = record.measure("train_seconds").value_or(0) /
                                 static_cast<double>(record.budget.steps),
           .seconds_per_look = look_seconds_.empty() ? 0.0 : statistics::mean(look_seconds_)});
    }
    return costs;
  }

  Record record_of(std::size_t contender, std::uint64_t seed) const {
    return read_record(out_ / trial_folder(state_, contender, seed) / kRecordFile);
  }

  void finish_winner() {
    const auto alive = alive_in(state_);
    const auto standings = standings_of(state_);
    const auto winner = leader_of(standings, alive);
    const RaceTrial trial{winner, ground_.settings.seed};
    // Cut off while the winner was trained on, it is first trained as far as it was meant to.
    auto steps = std::max(last_step(), claimed_steps(trial));
    if (steps > last_step()) train_to(steps, {trial});
    if (timed()) {
      steps = train_by_clock(trial, steps);
    } else if (state_.ladder.back().end() > steps) {
      steps = state_.ladder.back().end();
      train_to(steps, {trial});
    }
    state_.outcome = outcome_of_race(standings, winner, steps);
    if (timed() && steps == last_step())
      state_.outcome->notes.push_back("No time was left to train the winner on.");
    save();
    link_winner();
    write_file_atomically(out_ / kRacePage, race_page(state_, out_));
  }

  std::int64_t claimed_steps(const RaceTrial& trial) const {
    return read_json_file(out_ / trial_folder(state_, trial.contender, trial.seed) / kSettingsFile)
        .at("steps")
        .get<std::int64_t>();
  }

  // In two parts: the speed of the first foretells the second.
  std::int64_t train_by_clock(const RaceTrial& trial, std::int64_t steps) {
    auto cost = measured_costs({trial.contender}).front();
    for (const double part : {kFirstPart, 1.0}) {
      const double spare = left() - kReserveSeconds - cost.seconds_per_look;
      const auto more = static_cast<std::int64_t>(part * spare / cost.seconds_per_update);
      if (spare <= 0 || more < kLeastMore) break;
      const double began = clock_.used();
      log_info("race: {} is trained on for {} updates", state_.contenders[trial.contender].point,
               more);
      train_to(steps + more, {trial});
      steps += more;
      cost.seconds_per_update =
          std::max(0.0, clock_.used() - began - cost.seconds_per_look) / static_cast<double>(more);
      if (cost.seconds_per_update <= 0) break;
    }
    return steps;
  }

  RaceOutcome outcome_of_race(const Standings& standings, std::size_t winner, std::int64_t steps) {
    std::vector<std::size_t> ran;
    for (std::size_t i = 0; i < state_.contenders.size(); ++i) {
      const auto* out = elimination_of(state_, i);
      const bool lost = out != nullptr && out->reason != "worse" && out->reason != "cut";
      if (standings.is_known(i) && !lost) ran.push_back(i);
    }
    const auto chances = standings.chance_best(ran, ground_.settings.seed);
    RaceOutcome end{.winner = winner,
                    .folder = trial_folder(state_, winner, ground_.settings.seed),
                    .steps = steps,
                    .tied = {},
                    .notes = {}};
    for (std::size_t k = 0; k < ran.size(); ++k) {
      if (ran[k] == winner) {
        end.chance = chances[k];
      } else if (standings.chance_ahead(ran[k], winner) >= EliminationSettings{}.least_chance) {
        end.tied.push_back(ran[k]);
      }
    }
    if (!read_wish(ground_.settings.wish).use_case.constraints.empty())
      end.notes.push_back(
          "The conditions of what was asked chose among stored trials; the race did not test "
          "them.");
    return end;
  }

  void link_winner() {
    const auto link = out_ / kRaceWinner;
    std::error_code ignored;
    fs::remove(link, ignored);
    fs::create_directory_symlink(state_.outcome->folder, link, ignored);
    if (ignored) log_warn("no link to the winner: {}", ignored.message());
  }

  void save() {
    write_file_atomically(out_ / kRaceFile, to_json(state_).dump(2) + "\n");
    save_clock();
  }

  void save_clock() {
    clock_saved_ = clock_.used();
    write_file_atomically(out_ / kClockFile, Json{{"used_seconds", clock_saved_}}.dump(2) + "\n");
  }

  void report() {
    const auto& look = state_.looks.back();
    done_ = before_;
    for (const double share : shares_) done_ += share;
    std::string text = look_text(state_, look);
    text += fmt::format("; {} in", alive_in(state_).size());
    if (timed()) text += ", " + human_seconds(std::max(0.0, left())) + " left";
    log_info("{}", text);
  }

  // Called by every trial's thread.
  void show(std::size_t place, const TrialProgress& at) {
    const std::scoped_lock lock(mutex_);
    shares_[place] = static_cast<double>(at.step - last_step());
    double done = before_;
    for (const double share : shares_) done += share;
    std::string remark;
    if (!state_.looks.empty() && state_.looks.back().leader)
      remark = state_.contenders[*state_.looks.back().leader].point + " leads, ";
    remark += fmt::format("{} in, update {} of {}", alive_in(state_).size(), at.step, at.steps);
    bar_->update(timed() ? clock_.used() : done, remark);
    if (clock_.used() - clock_saved_ > kClockSeconds) save_clock();
  }

  RaceGround& ground_;
  RaceState& state_;
  const RaceClock& clock_;
  fs::path out_;
  double race_until_ = 0;  // seconds used at which the winner's own time begins
  double clock_saved_ = 0;
  std::mutex mutex_;
  std::vector<double> look_seconds_;  // of each look at a trial, beside its training
  std::vector<double> shares_;        // updates of each trial since the last look
  double before_ = 0, done_ = 0;      // updates of earlier looks
  std::optional<Progress> bar_;
};

}  // namespace

RacePlan plan_race(const RaceSettings& settings) {
  const RaceClock clock;
  auto ground = race_ground(settings);
  return make_plan(ground, clock);
}

RaceState run_race(const RaceSettings& settings) {
  const RaceClock clock(used_before(settings.out));
  auto found = race_in(settings.out);
  auto ground = race_ground(settings);
  RaceState state;
  if (found) {
    require_same_race(found->settings, race_identity(ground), settings.out);
    state = std::move(*found);
    if (state.outcome) return state;
    open_eyes(ground, state);
    log_info("race: goes on after update {} in {}",
             state.looks.empty() ? 0 : state.looks.back().step, settings.out.string());
  } else {
    state = make_plan(ground, clock).state;
  }
  RaceRunner(ground, state, clock).run();
  return state;
}

}  // namespace ganselect
