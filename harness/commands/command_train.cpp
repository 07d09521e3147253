// `train`: one trial.
#include <fmt/format.h>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/torch/device.h"
#include "datasets/table.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/commands/evaluation_flags.h"
#include "harness/commands/setting_flags.h"
#include "harness/sweep/instances.h"
#include "harness/sweep/plan.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/initial_weights.h"
#include "harness/train/trial_files.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct TrainFlags {
  TrainSettings settings;
  EvaluationPlan evaluation;
  ImageReading reading;
  CacheFlags cache;
  NeighborhoodSource neighborhoods;
  std::string neighbors, partition, out;
  double checkpoint_seconds = 30;
  std::string graph = "auto";
  bool tensorboard = false, json = false, full = false;
};

int finish_training(const std::optional<Record>& record, const fs::path& folder,
                    const TrainFlags& flags) {
  if (!record) {
    set_interrupted(true);
    throw_if_interrupted(
        ("the state is saved; the same command goes on from it in " + folder.string()).c_str());
  }
  if (flags.json) {
    print_result(to_json(*record).dump(2) + "\n");
  } else {
    print_result(fmt::format("{}: {}\n{}\n{}", record->trial_id, status_name(record->status),
                             folder.string(), measures_text(record->measures, flags.full)));
  }
  return 0;
}

int run_train(TrainFlags f, const GlobalFlags& global) {
  const StopSignals signals;
  graph_modes().at(f.graph);
  f.settings.device = parse_device(f.settings.device).str();
  f.settings.dataset = dataset_name(f.settings.dataset, f.reading);
  f.settings.point = parse_point(f.settings.point).name;
  f.evaluation.checkpoint_samples =
      std::min(f.evaluation.checkpoint_samples, f.evaluation.num_samples);
  check_described(f.settings, "train");
  check_described(f.evaluation, "train");
  resolve_candidate(f.settings);
  pin_initial_weights(f.settings);
  if (!f.out.empty()) refuse_foreign_folder(f.out);
  TrialData data = load_trial_data(f.settings.dataset, global.data_dir, data_limit(f.settings));
  f.neighborhoods.file = f.neighbors;
  f.neighborhoods.partition_file = f.partition;
  if (!f.out.empty()) {
    f.neighborhoods.keep = fs::path(f.out) / kNeighborsFile;
    f.neighborhoods.partition_keep = fs::path(f.out) / kPartitionFile;
  }
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
  job.tensorboard = f.tensorboard;
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
  return finish_training(run_trial_job(job, data, evaluator), job.folder, f);
}

}  // namespace

CommandAction attach_train(CLI::App& app, const GlobalFlags& global) {
  auto flags = std::make_shared<TrainFlags>();
  flags->settings.device = "auto";
  add_setting_flags(
      app, flags->settings,
      {{"point", "point"}, {"ema_decay", "--ema"}, {"evaluation_interval", "--evaluate-every"}});
  app.get_option("point")->required();
  add_evaluation_flags(app, flags->evaluation, "--evaluation-seed");
  add_reading_flags(app, flags->reading);
  add_cache_flags(app, flags->cache);
  add_graph_flag(app, flags->graph);
  app.add_option("--neighbors", flags->neighbors,
                 "neighbourhoods of ganselect neighbors build, for candidates conditioned on "
                 "instances (default: made, with k = 50)");
  app.add_option("--partition", flags->partition,
                 "clusters of ganselect partition build, for candidates that are told these "
                 "(default: made, as many as --clusters says)");
  app.add_option("--features", flags->neighborhoods.settings.features,
                 "their features: simclr or judge (the data set's own), a detector's name or file")
      ->capture_default_str();
  app.add_option("--out", flags->out, "the trial's folder (default: runs/ and its settings)");
  app.add_option("--checkpoint-seconds", flags->checkpoint_seconds, "time between checkpoints")
      ->capture_default_str();
  add_tensorboard_flag(app, flags->tensorboard);
  app.add_flag("--json", flags->json, "print the record as JSON");
  app.add_flag("--full", flags->full, "print every measure, not the leading ones alone");
  return [flags, &global] { return run_train(*flags, global); };
}

}  // namespace ganselect
