// `train`, `sweep` and `sample`.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/torch/device.h"
#include "base/torch/npy.h"
#include "datasets/formats/image_io.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/commands/evaluation_flags.h"
#include "harness/evaluate/sample_source.h"
#include "harness/sweep/instances.h"
#include "harness/sweep/sweep.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/checkpoint.h"
#include "results/records/store.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct TrainFlags {
  TrainSettings settings;
  EvaluationPlan evaluation;
  CacheFlags cache;
  NeighborhoodSource neighborhoods;
  std::string neighbors, out;
  double checkpoint_seconds = 30;
  std::string graph = "auto";
  bool json = false;
};

// What a candidate settles unless it is said.
void add_step_flags(CLI::App& app, TrainSettings& s) {
  app.add_option("--batch", s.batch, "samples a side of an update [the candidate's]");
  app.add_option("--batch-g", s.batch_g, "samples of a generator update [the candidate's]");
  app.add_option("--n-critic", s.n_critic, "critic updates a generator update [the candidate's]");
  app.add_option("--n-gen", s.n_gen, "generator updates a critic update [the candidate's]");
  app.add_option("--ema", s.ema_decay,
                 "decay of the generator's moving average, 0: none [the candidate's]");
  app.add_option("--lr-decay-steps", s.lr_decay_steps,
                 "updates over which learning rates fall to 0, 0: they stay [the candidate's]");
  app.add_option("--gls-slope", s.gls_slope,
                 "slope below 0 of generalized-loss-sensitive [the candidate's]");
}

void add_training_flags(CLI::App& app, TrainFlags& f) {
  app.add_option("point", f.settings.point,
                 "candidate, or ARCHITECTURE/LOSS[/REGULARIZATION[+...]][/DIVERGENCE]")
      ->required();
  app.add_option("--dataset", f.settings.dataset, "data set (ganselect data list)")
      ->capture_default_str();
  app.add_option("--dataset-limit", f.settings.dataset_limit, "N training samples only; 0: all")
      ->capture_default_str();
  app.add_option("--dataset-draw", f.settings.dataset_draw,
                 "seed of the draw of those samples, from each class its share")
      ->default_str("0");
  app.add_option("--seed", f.settings.seed, "seed of every random stream")->capture_default_str();
  app.add_option("--steps", f.settings.steps, "generator updates")->capture_default_str();
  add_step_flags(app, f.settings);
  app.add_option("--width", f.settings.width, "factor on the backbone's channels, 1 as published")
      ->capture_default_str();
  f.settings.device = "auto";
  app.add_option("--device", f.settings.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", f.settings.precision, join(precisions().names()))
      ->capture_default_str();
  app.add_option("--threads", f.settings.threads,
                 "CPU threads inside one operation; part of the result's bits")
      ->capture_default_str();
  app.add_option("--on-collapse", f.settings.on_collapse, join(collapse_actions().names()))
      ->capture_default_str();
  app.add_option("--curve-interval", f.settings.curve_interval, "steps a curve row averages over")
      ->capture_default_str();
  app.add_option("--evaluate-every", f.settings.evaluation_interval,
                 "steps between evaluations; 0: at the end only")
      ->capture_default_str();
  app.add_option("--evaluation-steps", f.evaluation.evaluation_steps,
                 "steps after which all families are measured, of the samples along the way")
      ->delimiter(',');
  app.add_option("--detectors", f.evaluation.detectors,
                 "further detectors that look at the samples of the end")
      ->delimiter(',');
}

void add_graph_flag(CLI::App& app, std::string& graph) {
  app.add_option("--graph", graph,
                 "capture iterations in a CUDA graph: " + join(graph_modes().names()))
      ->capture_default_str();
}

int finish_training(const std::optional<Record>& record, const fs::path& folder, bool json) {
  if (!record) {
    set_interrupted(true);
    throw_if_interrupted(
        ("the state is saved; the same command goes on from it in " + folder.string()).c_str());
  }
  if (json) {
    print_result(to_json(*record).dump(2) + "\n");
  } else {
    print_result(fmt::format("{}: {}\n{}\n{}", record->trial_id, status_name(record->status),
                             folder.string(), measures_text(record->measures)));
  }
  return 0;
}

int run_train(TrainFlags f, const GlobalFlags& global) {
  graph_modes().at(f.graph);
  f.settings.device = parse_device(f.settings.device).str();
  f.settings.point = parse_point(f.settings.point).name;
  f.evaluation.checkpoint_samples =
      std::min(f.evaluation.checkpoint_samples, f.evaluation.num_samples);
  // Through JSON and back, so that flags meet the same checks as plans.
  f.settings = settings_from_json<TrainSettings>(settings_to_json(f.settings), "train");
  f.evaluation = settings_from_json<EvaluationPlan>(settings_to_json(f.evaluation), "train");
  resolve_candidate(f.settings);
  TrialData data = load_trial_data(f.settings.dataset, resolve_data_dir(global.data_dir),
                                   data_limit(f.settings));
  f.neighborhoods.file = f.neighbors;
  if (!f.out.empty()) f.neighborhoods.keep = fs::path(f.out) / "neighbors.safetensors";
  prepare_trial_data(f.settings, f.neighborhoods, data);
  Evaluator evaluator(data.train, data.held_out ? &*data.held_out : nullptr, f.evaluation,
                      torch::Device(f.settings.device), {.cache = cache_folder(f.cache)});
  evaluator.set_unseen(data.unseen ? &*data.unseen : nullptr);
  TrialJob job;
  job.settings = f.settings;
  job.folder = f.out.empty() ? fs::path("runs") / trial_id(f.settings, evaluator.trial_settings())
                             : fs::path(f.out);
  job.checkpoint_seconds = f.checkpoint_seconds;
  job.steps.graph = f.graph;
  std::optional<Progress> bar;
  job.progress = [&](const TrialProgress& at) {
    if (!bar)
      bar.emplace(f.settings.point, static_cast<double>(at.steps), static_cast<double>(at.step));
    bar->update(static_cast<double>(at.step),
                at.row != nullptr && at.row->loss_d && at.row->loss_g
                    ? fmt::format("loss D {:.3g} G {:.3g}", *at.row->loss_d, *at.row->loss_g)
                    : "");
    if (at.step == at.steps) bar->finish("measuring");
  };
  log_info("{} on {} ({} samples), {} updates on {}, into {}", f.settings.point, data.train.name,
           data.train.size(), f.settings.steps, f.settings.device, job.folder.string());
  return finish_training(run_trial_job(job, data, evaluator), job.folder, f.json);
}

struct SweepFlags {
  std::string plan, out, dataset;
  SweepSettings settings;
  CacheFlags cache;
  std::string time_budget;
  bool dry_run = false, json = false;
};

double parse_seconds(const std::string& text) {
  static const std::vector<std::pair<std::string, double>> units = {
      {"min", 60}, {"s", 1}, {"m", 60}, {"h", 3600}};
  try {
    std::size_t end = 0;
    const double number = std::stod(text, &end);
    const std::string unit = text.substr(end);
    if (unit.empty() && number > 0) return number;
    for (const auto& [name, factor] : units) {
      if (unit == name && number > 0) return number * factor;
    }
  } catch (const std::exception&) {
  }
  fail(ErrorKind::kUsage, {.where = "--time-budget",
                           .expected = "a time such as 500s, 10min or 2h",
                           .got = "'" + text + "'"});
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

Json sweep_json(const SweepResult& result, const fs::path& out) {
  Json trials = Json::array();
  for (const auto& trial : result.trials) {
    trials.push_back({{"trial_id", trial.trial_id},
                      {"status", trial.status},
                      {"reason", trial.reason.empty() ? Json(nullptr) : Json(trial.reason)}});
  }
  return {{"out", out.string()},
          {"interrupted", result.interrupted},
          {"stopped_by_budget", result.stopped_by_budget},
          {"trials", trials}};
}

int finish_sweep(const SweepResult& result, const SweepFlags& f) {
  if (f.json) {
    print_result(sweep_json(result, f.settings.out).dump(2) + "\n");
  } else {
    TextGrid grid({"trial", "status", "why"});
    for (const auto& trial : result.trials)
      grid.add({trial.trial_id, trial.status, trial.reason.empty() ? "-" : trial.reason});
    print_result(grid.text());
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

int run_sweep_command(SweepFlags f, const GlobalFlags& global) {
  graph_modes().at(f.settings.steps.graph);
  Plan plan = load_plan(f.plan);
  if (!f.dataset.empty()) plan.dataset = f.dataset;
  f.settings.out = f.out.empty() ? fs::path("runs") / plan.name : fs::path(f.out);
  f.settings.data_dir = resolve_data_dir(global.data_dir);
  f.settings.cache = cache_folder(f.cache);
  if (!f.time_budget.empty()) f.settings.time_budget_seconds = parse_seconds(f.time_budget);
  if (f.dry_run) {
    const SweepEstimate estimate = estimate_sweep(plan, f.settings);
    print_result(f.json ? to_json(estimate).dump(2) + "\n" : estimate_text(estimate));
    return 0;
  }
  return finish_sweep(run_sweep(plan, f.settings), f);
}

struct SampleFlags {
  std::string run, class_name, instances, features, grid, npz, png_dir;
  SampleSettings settings;
};

struct AskedSamples {
  SampleSet set;
  std::int64_t columns = 1;  // of a grid
  torch::Tensor grid;        // its pictures, where they are not the samples alone
};

// --instances: a row of the grid for each, the instance itself first. --class: one class by name or
// number; "all": a row of the grid for each.
AskedSamples draw_asked(const SavedGenerator& saved, const SampleFlags& f) {
  AskedSamples asked;
  const auto& conditions = saved.conditions;
  if (!f.instances.empty()) {
    const auto table = asked_instances(saved, f.instances, f.features);
    const auto each = std::max<std::int64_t>(1, f.settings.count / table.size());
    const auto rows = draw_instance_rows(*saved.generator, f.settings, table, each);
    return {.set = rows.set, .columns = each + 1, .grid = rows.grid};
  }
  if (f.class_name == "all") {
    const auto classes =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(conditions.class_names.size()));
    asked.columns = (f.settings.count + classes - 1) / classes;
    asked.set = draw_class_rows(*saved.generator, f.settings, conditions, asked.columns);
    return asked;
  }
  const auto table =
      f.class_name.empty() ? conditions : conditions.only_class(class_of(conditions, f.class_name));
  asked.set = draw_samples(*saved.generator, f.settings, table);
  asked.columns = static_cast<std::int64_t>(
      std::ceil(std::sqrt(static_cast<double>(asked.set.samples.size(0)))));
  return asked;
}

// One PNG a sample; samples of a class go into a folder of its name, as a labelled data set.
void write_pngs(const fs::path& folder, const SampleSet& set, const SavedGenerator& saved) {
  for (std::int64_t i = 0; i < set.samples.size(0); ++i) {
    fs::path place = folder;
    if (set.condition.labels.defined()) {
      const auto label = set.condition.labels[i].item<std::int64_t>();
      place /= saved.conditions.class_names[static_cast<std::size_t>(label)];
    }
    write_png(place / fmt::format("{:06}.png", i), set.samples[i]);
  }
}

int run_sample(SampleFlags f) {
  if (f.grid.empty() && f.npz.empty() && f.png_dir.empty()) {
    fail(ErrorKind::kUsage,
         {.where = "sample", .expected = "--grid, --npz or --png-dir", .got = "none of them"});
  }
  const SavedGenerator saved = load_run(f.run);
  const auto [set, columns, grid] = draw_asked(saved, f);
  if (saved.shape.points && f.npz.empty()) {
    fail(ErrorKind::kUsage, {.where = "sample",
                             .expected = "--npz for a generator of points",
                             .got = "a picture format"});
  }
  if (!f.grid.empty()) write_grid_png(f.grid, grid.defined() ? grid : set.samples, columns);
  if (!f.npz.empty()) {
    std::map<std::string, torch::Tensor> arrays;
    arrays["arr_0"] =
        saved.shape.points ? set.samples : set.samples.permute({0, 2, 3, 1}).contiguous();
    if (set.condition.labels.defined()) arrays["arr_1"] = set.condition.labels;
    save_npz(f.npz, arrays);
  }
  if (!f.png_dir.empty()) write_pngs(f.png_dir, set, saved);
  log_info("{} samples of {} (step {}), seed {}", set.samples.size(0), saved.candidate.name,
           saved.step, f.settings.seed);
  return 0;
}

}  // namespace

CommandAction attach_train(CLI::App& app, const GlobalFlags& global) {
  auto flags = std::make_shared<TrainFlags>();
  add_training_flags(app, *flags);
  add_evaluation_flags(app, flags->evaluation, "--evaluation-seed");
  add_cache_flags(app, flags->cache);
  add_graph_flag(app, flags->graph);
  app.add_option("--without-classes", flags->settings.without_classes,
                 "classes left out of training, for transfer to them")
      ->delimiter(',');
  app.add_option("--neighbors", flags->neighbors,
                 "neighbourhoods of ganselect neighbors build, for candidates conditioned on "
                 "instances (default: made, with k = 50)");
  app.add_option("--features", flags->neighborhoods.settings.features,
                 "their features: simclr or judge (the data set's own), a detector's name or file")
      ->capture_default_str();
  app.add_option("--out", flags->out, "the trial's folder (default: runs/ and its settings)");
  app.add_option("--checkpoint-seconds", flags->checkpoint_seconds, "time between checkpoints")
      ->capture_default_str();
  app.add_flag("--json", flags->json, "print the record as JSON");
  return [flags, &global] { return run_train(*flags, global); };
}

CommandAction attach_sweep(CLI::App& app, const GlobalFlags& global) {
  auto flags = std::make_shared<SweepFlags>();
  app.add_option("plan", flags->plan,
                 "a plan file, or the name of one that comes with the program (smoke, paper, ...)")
      ->required();
  app.add_option("--out", flags->out, "the sweep's folder (default: runs/ and the plan's name)");
  app.add_option("--dataset", flags->dataset, "another data set than the plan's");
  app.add_option("--device", flags->settings.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  app.add_option("--jobs", flags->settings.jobs, "trials at once; 0: as fits the device")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  add_graph_flag(app, flags->settings.steps.graph);
  app.add_option("--time-budget", flags->time_budget,
                 "stop, with the state saved, after this long (500s, 10min, 2h)");
  add_cache_flags(app, flags->cache);
  app.add_flag("--whole-trials", flags->settings.only_whole_trials,
               "with --time-budget: start no trial that would be cut off by it");
  app.add_flag("--dry-run", flags->dry_run,
               "trials, time, memory and disk from a short probe; trains nothing");
  app.add_flag("--json", flags->json, "as JSON");
  return [flags, &global] { return run_sweep_command(*flags, global); };
}

CommandAction attach_sample(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<SampleFlags>();
  app.add_option("run", flags->run, "a trial's folder or its generator.safetensors")->required();
  app.add_option("--num", flags->settings.count, "samples")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", flags->settings.seed, "of the latents")->capture_default_str();
  app.add_option("--bn-mode", flags->settings.mode, "batch norm: " + join(sample_modes().names()))
      ->capture_default_str();
  app.add_option("--class", flags->class_name,
                 "of a conditional generator: a class by name or number, or all: --num samples in "
                 "all, a row of the grid for each class");
  app.add_option(
      "--instances", flags->instances,
      "of a generator conditioned on instances: a folder of images, or numbers of stored "
      "ones (3 or 0,7,12); --num samples in all, shared out over them");
  app.add_option("--features", flags->features,
                 "with a folder: the detector's file, where it does not come with the program");
  app.add_option("--grid", flags->grid,
                 "write one picture of all samples; with --instances a row for each, itself first");
  app.add_option("--npz", flags->npz, "write arr_0, uint8 (N, H, W, C), and arr_1, the classes");
  app.add_option("--png-dir", flags->png_dir,
                 "write one PNG a sample into this folder, or into one for each class below it");
  return [flags] { return run_sample(*flags); };
}

}  // namespace ganselect
