// `sweep`: the trials of a plan.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/text.h"
#include "datasets/table.h"
#include "harness/cli/number_checks.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/commands/durations_flag.h"
#include "harness/commands/evaluation_flags.h"
#include "harness/commands/slurm_flags.h"
#include "harness/sweep/sweep.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct SweepFlags {
  ImageReading reading;
  std::string plan, out, dataset;
  SweepSettings settings;
  CacheFlags cache;
  std::string time_budget, shard;
  SlurmFlags slurm;
  bool dry_run = false, status = false, json = false;
};

// "2/8": the second of eight.
void take_shard(const std::string& text, SweepSettings& settings) {
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, settings.shard);
  const bool parted = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = parted ? std::from_chars(first.ptr + 1, end, settings.shards) : first;
  if (!parted || second.ec != std::errc() || second.ptr != end) {
    fail(ErrorKind::kUsage,
         {.where = "--shard",
          .expected = "I/N with N from 1 on and I from 1 to N, as 2/8 for the second of eight",
          .got = "'" + text + "'"});
  }
  --settings.shard;
}

std::string estimate_text(const SweepEstimate& estimate) {
  TextGrid grid({"trial", "training", "measuring", "disk"});
  for (const auto& trial : estimate.trials) {
    if (trial.finished) {
      grid.add({trial.trial_id, "finished", "-", "-"});
    } else {
      grid.add({trial.trial_id, human_seconds(trial.train_seconds),
                human_seconds(trial.evaluation_seconds), human_bytes(trial.disk_bytes)});
    }
  }
  return grid.text() +
         fmt::format("\n{} trials, {} at a time: about {}, {} of memory, {} on disk\n",
                     estimate.trials.size(), estimate.jobs, human_seconds(estimate.seconds),
                     human_bytes(estimate.memory_bytes), human_bytes(estimate.disk_bytes));
}

Json trials_json(const std::vector<SweepTrial>& list) {
  Json trials = Json::array();
  for (const auto& trial : list) {
    trials.push_back({{"trial_id", trial.trial_id},
                      {"status", trial.status},
                      {"reason", trial.reason.empty() ? Json(nullptr) : Json(trial.reason)}});
  }
  return trials;
}

std::string trials_text(const std::vector<SweepTrial>& trials) {
  TextGrid grid({"trial", "status", "why"});
  for (const auto& trial : trials)
    grid.add({trial.trial_id, trial.status, trial.reason.empty() ? "-" : trial.reason});
  return grid.text();
}

// Which of a sweep's trials are done, and who has the others.
int print_status(const std::vector<SweepTrial>& trials, const SweepFlags& f) {
  if (f.json) {
    print_result(Json{{"out", f.settings.out.string()}, {"trials", trials_json(trials)}}.dump(2) +
                 "\n");
    return 0;
  }
  std::map<std::string, std::size_t> counts;
  for (const auto& trial : trials) ++counts[trial.status];
  std::vector<std::string> parts;
  for (const auto& [status, count] : counts) parts.push_back(fmt::format("{} {}", count, status));
  print_result(trials_text(trials) + fmt::format("\n{} trials: {}\n", trials.size(), join(parts)));
  return 0;
}

Json sweep_json(const SweepResult& result, const fs::path& out) {
  return {{"out", out.string()},
          {"interrupted", result.interrupted},
          {"stopped_by_budget", result.stopped_by_budget},
          {"trials", trials_json(result.trials)}};
}

int finish_sweep(const SweepResult& result, const SweepFlags& f) {
  if (f.json) {
    print_result(sweep_json(result, f.settings.out).dump(2) + "\n");
  } else {
    print_result(trials_text(result.trials));
  }
  if (result.interrupted) {
    throw_if_interrupted(
        ("finished trials and the state of the others are saved; the same command goes on in " +
         f.settings.out.string())
            .c_str());
  }
  if (result.stopped_by_budget) {
    log_warn("the time budget is used up with {} trials unfinished; the same command goes on",
             result.count("unfinished"));
  }
  if (const auto failed = result.count("failed"); failed > 0) {
    fail(ErrorKind::kSweepFailures,
         {.where = "sweep",
          .expected = "every trial to run",
          .got = fmt::format("{} of {} failed", failed, result.trials.size()),
          .hint = "each record.json says why; the same command tries them again"});
  }
  return 0;
}

// Before anything is loaded: where a job is submitted from there need be neither the data nor the
// device.
int submit_sweep(const CLI::App& app, const Plan& plan, const SweepFlags& f) {
  if (f.status || f.dry_run) {
    fail(ErrorKind::kUsage, {.where = "sweep",
                             .expected = f.status ? "--slurm or --status" : "--slurm or --dry-run",
                             .got = "both",
                             .hint = "--slurm --print shows the job and submits nothing"});
  }
  return run_by_slurm(
      app, f.slurm,
      {.name = plan.name,
       .remark = "Processes on one folder: each takes a trial that no other has, and takes over "
                 "what one that died left.",
       .out = f.settings.out,
       .most_tasks = std::max<std::int64_t>(1, trainings_of(plan, f.settings)),
       .seconds = std::nullopt,
       .json = f.json});
}

int run_sweep_command(const CLI::App& app, SweepFlags f, const GlobalFlags& global) {
  const StopSignals signals;
  graph_modes().at(f.settings.steps.graph);
  Plan plan = load_plan(f.plan);
  if (!f.dataset.empty()) plan.dataset = f.dataset;
  plan.dataset = dataset_name(plan.dataset, f.reading);
  f.settings.out = f.out.empty() ? fs::path("runs") / plan.name : fs::path(f.out);
  f.settings.data_dir = global.data_dir;
  f.settings.cache = cache_folder(f.cache);
  if (!f.time_budget.empty())
    f.settings.time_budget_seconds = parse_seconds(f.time_budget, "--time-budget");
  if (!f.shard.empty()) take_shard(f.shard, f.settings);
  if (f.slurm.submit) return submit_sweep(app, plan, f);
  if (f.status) return print_status(sweep_status(plan, f.settings), f);
  if (f.dry_run) {
    const SweepEstimate estimate = estimate_sweep(plan, f.settings);
    print_result(f.json ? to_json(estimate).dump(2) + "\n" : estimate_text(estimate));
    return 0;
  }
  return finish_sweep(run_sweep(plan, f.settings), f);
}

}  // namespace

CommandAction attach_sweep(CLI::App& app, const GlobalFlags& global) {
  auto flags = std::make_shared<SweepFlags>();
  app.add_option("plan", flags->plan,
                 "a plan file, or the name of one that comes with the program (smoke, paper, ...)")
      ->required();
  app.add_option("--out", flags->out, "the sweep's folder (default: runs/ and the plan's name)");
  app.add_option("--dataset", flags->dataset, "another data set than the plan's");
  add_reading_flags(app, flags->reading);
  app.add_option("--device", flags->settings.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  app.add_option("--jobs", flags->settings.jobs, "trials at once; 0: as fits the device")
      ->capture_default_str()
      ->check(not_below_zero());
  add_graph_flag(app, flags->settings.steps.graph);
  app.add_option("--time-budget", flags->time_budget,
                 "stop, with the state saved, after this long (500s, 10min, 2h)");
  add_cache_flags(app, flags->cache);
  add_tensorboard_flag(app, flags->settings.tensorboard);
  app.add_flag("--whole-trials", flags->settings.only_whole_trials,
               "with --time-budget: start no trial that would be cut off by it");
  app.add_option(
      "--shard", flags->shard,
      "I/N: only every N-th trial from the I-th on, for engines that number their tasks");
  app.add_flag("--status", flags->status,
               "which trials are done, which run and where; trains nothing");
  app.add_flag("--dry-run", flags->dry_run,
               "trials, time, memory and disk from a short probe; trains nothing");
  app.add_flag("--json", flags->json, "as JSON");
  add_slurm_flags(app, flags->slurm, true);
  return [flags, &app, &global] { return run_sweep_command(app, *flags, global); };
}

}  // namespace ganselect
