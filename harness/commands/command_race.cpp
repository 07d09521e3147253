// `race`: the best GAN for one's own images, within a budget.
#include <fmt/format.h>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/lease.h"
#include "base/log.h"
#include "base/text.h"
#include "datasets/table.h"
#include "harness/cli/number_checks.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/commands/durations_flag.h"
#include "harness/commands/evaluation_flags.h"
#include "harness/commands/slurm_flags.h"
#include "harness/race/race.h"
#include "harness/train/capture/step_runner.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct RaceFlags {
  RaceSettings settings;
  CacheFlags cache;
  ImageReading reading;
  std::string budget, out, results;
  SlurmFlags slurm;
  bool dry_run = false, json = false;
};

std::string default_folder(const std::string& data) {
  std::string name = "race-" + data;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == ':' || c == '\\'; }, '_');
  return (fs::path("runs") / name).string();
}

int show_plan(const RacePlan& plan, const RaceFlags& f) {
  if (f.json) {
    Json json = to_json(plan.state);
    json["foretold_seconds"] =
        plan.foretold_seconds > 0 ? Json(plan.foretold_seconds) : Json(nullptr);
    print_result(json.dump(2) + "\n");
    return 0;
  }
  std::string text = plan_text(plan.state);
  if (f.settings.budget_seconds && plan.foretold_seconds > 0)
    text += fmt::format("\nthe rungs take about {}; the winner is trained on with the rest of {}\n",
                        human_seconds(plan.foretold_seconds),
                        human_seconds(*f.settings.budget_seconds));
  print_result(text);
  return 0;
}

// A race's clock starts when its process does; what comes before and after takes a little.
constexpr double kSlurmShare = 0.1, kSlurmSeconds = 300;

int submit_race(const CLI::App& app, const RaceFlags& f) {
  if (f.dry_run) {
    fail(ErrorKind::kUsage, {.where = "race",
                             .expected = "--slurm or --dry-run",
                             .got = "both",
                             .hint = "--slurm --print shows the job and submits nothing"});
  }
  const auto& budget = f.settings.budget_seconds;
  std::optional<double> limit;
  if (budget) limit = *budget + std::max(kSlurmSeconds, kSlurmShare * *budget);
  return run_by_slurm(app, f.slurm,
                      {.name = "race",
                       .remark = "One process: a race is worked on by no more.",
                       .out = f.settings.out,
                       .most_tasks = 0,
                       .seconds = limit,
                       .json = f.json});
}

int run_race_command(const CLI::App& app, RaceFlags f, const GlobalFlags& global) {
  const StopSignals signals;
  auto& s = f.settings;
  if (f.budget.empty() && s.rungs.empty()) {
    fail(ErrorKind::kUsage, {.where = "race",
                             .expected = "--budget, a time such as 30s, 3m or 2h, or --rungs",
                             .got = "neither"});
  }
  graph_modes().at(s.steps.graph);
  if (!f.budget.empty()) s.budget_seconds = parse_seconds(f.budget, "--budget");
  if (!s.rungs.empty()) ladder_of(s.rungs, 2, 1);  // refused before anything is loaded
  s.data_dir = global.data_dir;
  s.dataset = dataset_name(s.dataset, f.reading);
  s.cache = cache_folder(f.cache);
  s.out = f.out.empty() ? default_folder(s.dataset) : f.out;
  s.results = f.results;
  if (f.slurm.submit) return submit_race(app, f);
  if (f.dry_run) return show_plan(plan_race(s), f);
  const auto lease = Lease::claim(s.out);
  if (!lease) {
    fail(ErrorKind::kFailed, {.where = s.out.string(),
                              .expected = "to be the only race in the folder",
                              .got = Lease::holder(s.out).value_or("another process"),
                              .hint = "wait for it, or choose another --out"});
  }
  const RaceState state = run_race(s);
  if (f.json) {
    print_result(to_json(state).dump(2) + "\n");
  } else {
    print_result(outcome_text(state) + fmt::format("\nThe winner: {}\nThe page:   {}\n",
                                                   (s.out / kRaceWinner).string(),
                                                   (s.out / kRacePage).string()));
  }
  return 0;
}

}  // namespace

CommandAction attach_race(CLI::App& app, const GlobalFlags& global) {
  auto flags = std::make_shared<RaceFlags>();
  auto& s = flags->settings;
  app.add_option("--data", s.dataset, "a folder of images, an .npz, or a data set's name")
      ->required();
  add_reading_flags(app, flags->reading);
  app.add_option("--budget", flags->budget,
                 "time for all of it: 30s, 3m, 2h; beside --rungs it decides nothing");
  app.add_option("--for", s.wish, "what the GAN is for, in words as `ask` reads them")
      ->capture_default_str();
  app.add_option("--contenders", s.contenders,
                 "candidates or points that run (default: by chance of being best)")
      ->delimiter(',');
  app.add_option("--most", s.most_contenders, "contenders, where they are not named, at most")
      ->capture_default_str()
      ->check(CLI::Range(2, 64));
  app.add_option("--rungs", s.rungs,
                 "updates at which rungs end, so that a race can be repeated exactly")
      ->delimiter(',');
  app.add_option("--looks", s.looks, "looks a rung")->capture_default_str()->check(above_zero());
  app.add_option("--seeds", s.seeds, "trials of each contender")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--seed", s.seed, "of the first trial of each")->capture_default_str();
  app.add_option("--samples", s.samples, "samples measured at a look (default: by the budget)")
      ->check(CLI::Range(2, 1000000));
  app.add_option("--limit", s.limit, "train on so many images only; 0: all")
      ->capture_default_str()
      ->check(not_below_zero());
  app.add_option("--width", s.width,
                 "factor on the networks' channels (default: 0.25 on a CPU, else 1)")
      ->check(above_zero());
  app.add_option("--detector", s.detector,
                 "named detector or file that decides (default: the one that notices most)")
      ->capture_default_str();
  app.add_option("--device", s.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--jobs", s.jobs, "trials at once; 0: as fits the device")
      ->capture_default_str()
      ->check(not_below_zero());
  add_graph_flag(app, s.steps.graph);
  app.add_option("--out", flags->out, "the race's folder (default: runs/race- and the data)");
  app.add_option("--results", flags->results,
                 "folder of records to ask for contenders (default: the published results)");
  add_cache_flags(app, flags->cache);
  app.add_flag("--dry-run", flags->dry_run, "say what would be done; trains nothing");
  app.add_flag("--json", flags->json, "as JSON");
  add_slurm_flags(app, flags->slurm, false);
  return [flags, &app, &global] { return run_race_command(app, *flags, global); };
}

}  // namespace ganselect
