#include "harness/race/race_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/provenance.h"
#include "base/text.h"
#include "base/torch/device.h"
#include "datasets/copies.h"
#include "harness/race/contenders.h"
#include "harness/race/eyes.h"
#include "harness/sweep/job_pool.h"
#include "harness/train/trainer.h"
#include "results/records/store.h"
#include "selection/race/curves.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr double kWidthOnCpu = 0.25;
constexpr std::int64_t kCurveInterval = 25;
constexpr std::int64_t kSaysLittle = 1000;     // images below which tails are not seen
constexpr std::int64_t kLeastHeldOutOf = 500;  // images from which a tenth is held out
constexpr std::int64_t kHeldOutShare = 10;
constexpr double kSecondsAnImage = 4;  // of the budget, for each image that eyes are tried on
constexpr std::int64_t kFewestForEyes = 64;
constexpr int kProbedUpdates = 20;
constexpr double kProbedSeconds = 0.5;

// Samples at a look: more would take the time of the training that they judge.
struct SampleRule {
  std::string name;  // of the budget, for people
  double below = 0;  // seconds
  std::int64_t samples = 0;
};
const NamedTable<SampleRule>& sample_rules() {
  static const NamedTable<SampleRule> table("budget", {{"below 2 min", 120, 250},
                                                       {"below 10 min", 600, 500},
                                                       {"below 1 h", 3600, 1000},
                                                       {"1 h or more", 1e18, 2000}});
  return table;
}
constexpr std::int64_t kSamplesWithoutBudget = 1000;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Nothing can be learned from one image, however often it is there.
void check_images(const Dataset& data, std::vector<std::string>& notes) {
  const auto copies = exact_copies(data.samples);
  const bool alike = data.size() >= 2 && copies + 1 == data.size();
  if (data.size() < 2 || alike) {
    fail(ErrorKind::kData, {.where = "race on " + data.name,
                            .expected = "images that differ",
                            .got = alike ? fmt::format("{} images, all alike", data.size())
                                         : fmt::format("{} image", data.size()),
                            .hint = "a GAN learns a distribution, not one image"});
  }
  std::string text = fmt::format("{} samples of {}", data.size(), to_string(data.shape));
  if (!data.class_names.empty()) text += fmt::format(", {} classes", data.class_names.size());
  if (copies > 0) text += fmt::format(", {} of them exact copies of others", copies);
  notes.push_back(text + ".");
  if (data.size() < kSaysLittle)
    notes.push_back(fmt::format(
        "With {} images, diversity beyond them and rare kinds cannot be judged.", data.size()));
}

// Copying shows only beside images that were not trained on.
TrialData load_race_data(const RaceSettings& settings) {
  if (settings.limit > 0)
    return load_trial_data(settings.dataset, settings.data_dir,
                           {.count = settings.limit, .draw = 0});
  return load_trial_data(settings.dataset, settings.data_dir);
}

void hold_some_out(const RaceSettings& settings, RaceGround& ground) {
  auto& data = ground.data;
  if (data.held_out || data.train.shape.points || data.train.size() < kLeastHeldOutOf) return;
  const auto kept = data.train.size() - data.train.size() / kHeldOutShare;
  data = load_trial_data(settings.dataset, settings.data_dir, {.count = kept, .draw = 0});
  ground.train.dataset_limit = kept;
  ground.notes.push_back(
      fmt::format("{} of the images are held out from training, so that copying shows.",
                  data.held_out ? data.held_out->size() : 0));
}

RaceLanes lanes_of(const RaceSettings& settings, torch::Device device) {
  const auto cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  RaceLanes lanes{.jobs = device.is_cpu() ? cores : 1,
                  .seeds = static_cast<std::size_t>(settings.seeds)};
  if (settings.jobs > 0) lanes.jobs = static_cast<std::size_t>(settings.jobs);
  return lanes;
}

std::int64_t samples_of(const RaceSettings& settings, const Dataset& data) {
  std::int64_t samples = settings.samples;
  if (samples == 0) {
    samples = kSamplesWithoutBudget;
    for (const auto& rule : sample_rules()) {
      if (!settings.budget_seconds || !settings.rungs.empty()) break;
      samples = rule.samples;
      if (*settings.budget_seconds < rule.below) break;
    }
  }
  return std::max<std::int64_t>(2, std::min(samples, data.size()));
}

EyeSettings eye_settings(const RaceSettings& settings) {
  EyeSettings eyes{.seed = settings.seed};
  if (settings.rungs.empty() && settings.budget_seconds)
    eyes.images = std::clamp(static_cast<std::int64_t>(*settings.budget_seconds / kSecondsAnImage),
                             kFewestForEyes, eyes.images);
  return eyes;
}

double seconds_of_update(Trainer& trainer) {
  trainer.step();  // the first is slower
  trainer.synchronize();
  const double start = now_seconds();
  int updates = 0;
  while (updates < 2 || (updates < kProbedUpdates && now_seconds() - start < kProbedSeconds)) {
    trainer.step();
    ++updates;
    trainer.synchronize();
  }
  return (now_seconds() - start) / updates;
}

// As many beside each other as the race will have, so that they slow each other down as they will.
class CostProbe {
 public:
  CostProbe(RaceGround& ground, const RaceState& state) : ground_(ground), state_(state) {}

  std::vector<ContenderCost> run() {
    costs_.resize(state_.contenders.size());
    failures_.resize(state_.contenders.size());
    measure_look();
    const auto probe = [this](std::size_t i) { probe_contender(i); };
    const auto jobs = static_cast<std::int64_t>(ground_.lanes.jobs);
    run_pool(costs_.size(), probe,
             {.jobs = jobs, .most = jobs, .stop = [] { return interrupted(); }});
    throw_if_interrupted("nothing was written");
    for (const auto& failure : failures_) {
      if (failure) std::rethrow_exception(failure);
    }
    return costs_;
  }

 private:
  // Measuring costs about the same for all; the first time the reference is looked at too.
  void measure_look() {
    Trainer trainer(settings(0), ground_.data.train, nullptr, ground_.settings.steps);
    const auto on_stream = trainer.use_stream();
    for (int time = 0; time < 2; ++time) {
      const double start = now_seconds();
      ground_.evaluator->measure(draw_for_measuring(trainer.evaluated_generator(),
                                                    trainer.conditions(), "raw", state_.samples,
                                                    ground_.evaluator->plan()));
      look_seconds_ = now_seconds() - start;
    }
  }

  void probe_contender(std::size_t i) {
    try {
      const double start = now_seconds();
      Trainer trainer(settings(i), ground_.data.train, nullptr, ground_.settings.steps);
      const auto on_stream = trainer.use_stream();
      const double built = now_seconds() - start;
      // A trial is built, its checkpoint read and written, and its samples drawn once more.
      costs_[i] = {.seconds_per_update = seconds_of_update(trainer),
                   .seconds_per_look = look_seconds_ + 2 * built};
    } catch (...) {
      failures_[i] = std::current_exception();
    }
  }

  TrainSettings settings(std::size_t i) const {
    return ground_.settings_of(state_.contenders[i].point, ground_.settings.seed, 1000000);
  }

  RaceGround& ground_;
  const RaceState& state_;
  double look_seconds_ = 0;
  std::vector<ContenderCost> costs_;
  std::vector<std::exception_ptr> failures_;
};

[[noreturn]] void refuse_budget(double budget, double least) {
  fail(ErrorKind::kUsage, {.where = "--budget",
                           .expected = fmt::format("at least {} for two contenders and one rung",
                                                   human_seconds(least)),
                           .got = human_seconds(budget)});
}

void plan_by_budget(const RaceGround& ground, const RaceClock& clock,
                    std::vector<ContenderCost> costs, RacePlan& plan) {
  auto& state = plan.state;
  const double budget = *ground.settings.budget_seconds;
  const BudgetSettings rules{.looks = static_cast<std::size_t>(ground.settings.looks)};
  const double left = budget - clock.used();
  const auto size = left > 0 ? fitted_size(left, costs, ground.lanes, rules) : std::nullopt;
  if (!size) refuse_budget(budget, clock.used() + least_seconds(costs, ground.lanes, rules));
  if (size->contenders < state.contenders.size()) {
    state.notes.push_back(fmt::format("The budget has room for {} of {} contenders.",
                                      size->contenders, state.contenders.size()));
    state.contenders.resize(size->contenders);
    costs.resize(size->contenders);
  }
  state.ladder = size->ladder;
  plan.foretold_seconds = foretold_seconds(state.ladder, costs, ground.lanes);
  // What the winner gets decides who was best.
  const double rest = std::max(0.0, left - plan.foretold_seconds);
  state.horizon = state.ladder.back().end() +
                  static_cast<std::int64_t>(rest / costs.front().seconds_per_update);
}

std::vector<Record> stored_records(const RaceSettings& settings) {
  const auto folder =
      settings.results.empty() ? fs::path(share_dir()) / "results" / "published" : settings.results;
  return load_record_folder(folder).records;
}

void note_eyes(RaceState& state) {
  for (const auto& eye : state.eyes) {
    if (eye.detector != state.detector || eye.blind.empty()) continue;
    state.notes.push_back(state.detector + " does not see " + join(eye.blind) +
                          " in these images: that cannot decide here.");
  }
}

}  // namespace

RaceClock::RaceClock(double used_before) : before_(used_before), started_(now_seconds()) {}
double RaceClock::used() const { return before_ + now_seconds() - started_; }

TrainSettings RaceGround::settings_of(const std::string& point, std::uint64_t seed,
                                      std::int64_t steps) const {
  TrainSettings one = train;
  one.point = point;
  one.seed = seed;
  one.steps = steps;
  return one;
}

RaceGround race_ground(const RaceSettings& settings) {
  RaceGround ground{.settings = settings};
  const auto device = parse_device(settings.device);
  ground.train.dataset = settings.dataset;
  ground.train.dataset_limit = settings.limit;
  ground.train.device = device.str();
  ground.train.width = settings.width.value_or(device.is_cpu() ? kWidthOnCpu : 1.0);
  ground.train.curve_interval = kCurveInterval;
  ground.train.on_collapse = "stop";
  ground.lanes = lanes_of(settings, device);
  ground.data = load_race_data(settings);
  check_images(ground.data.train, ground.notes);
  hold_some_out(settings, ground);
  return ground;
}

void open_eyes(RaceGround& ground, const RaceState& state) {
  EvaluationPlan plan{.detector = state.detector,
                      .num_samples = state.samples,
                      .checkpoint_samples = state.samples};
  const auto& decides = state.settings.at("families");
  plan.metrics = decides.get<std::vector<std::string>>();
  auto& data = ground.data;
  ground.evaluator = std::make_unique<Evaluator>(
      data.train, data.held_out ? &*data.held_out : nullptr, plan,
      torch::Device(ground.train.device), EvaluatorOptions{.cache = ground.settings.cache});
}

Json race_identity(const RaceGround& ground) {
  const auto& s = ground.settings;
  return {{"data", s.dataset},
          {"data_digest", ground.data.train.digest},
          {"for", s.wish},
          {"budget_seconds", number_or_null(s.budget_seconds)},
          {"rungs", s.rungs},
          {"contenders", s.contenders},
          {"detector", s.detector},
          {"device", ground.train.device},
          {"width", ground.train.width},
          {"most_contenders", s.most_contenders},
          {"seeds", s.seeds},
          {"looks", s.looks},
          {"samples", s.samples},
          {"seed", s.seed}};
}

RacePlan make_plan(RaceGround& ground, const RaceClock& clock) {
  const auto& settings = ground.settings;
  RacePlan plan;
  auto& state = plan.state;
  state.settings = race_identity(ground);
  state.notes = ground.notes;
  state.seeds = static_cast<std::size_t>(settings.seeds);
  state.samples = samples_of(settings, ground.data.train);
  const auto records = stored_records(settings);
  state.model = curve_model(fit_curves(stored_curves(records)));
  const auto contenders =
      choose_contenders(records, ground.data.train,
                        {.most = static_cast<std::size_t>(settings.most_contenders),
                         .wish = settings.wish,
                         .named = settings.contenders,
                         .train = ground.train});
  state.contenders = contenders.list;
  state.understood = contenders.understood;
  state.notes.insert(state.notes.end(), contenders.notes.begin(), contenders.notes.end());
  log_info("race: {} contenders; trying detectors on these images", state.contenders.size());
  const auto eyes = choose_eyes(settings.detector, ground.data.train,
                                torch::Device(ground.train.device), eye_settings(settings));
  state.eyes = eyes.eyes;
  state.detector = eyes.detector;
  // Classes of another data set are no modes of this one.
  state.settings["families"] = Json::array();
  if (!eyes.own_classes && !ground.data.train.shape.points)
    state.settings["families"] = {"fid", "kid", "prdc", "ndb", "memorization", "fid_gap"};
  note_eyes(state);
  open_eyes(ground, state);
  const bool fixed = !settings.rungs.empty();
  if (fixed) {
    state.ladder = ladder_of(settings.rungs, state.contenders.size(),
                             static_cast<std::size_t>(settings.looks));
    state.horizon = state.ladder.back().end();
    return plan;
  }
  plan_by_budget(ground, clock, CostProbe(ground, state).run(), plan);
  return plan;
}

}  // namespace ganselect
