// `evaluate` and `metrics`: measures without training.
#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/torch/device.h"
#include "datasets/table.h"
#include "harness/cli/number_checks.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/commands/evaluation_flags.h"
#include "harness/commands/setting_flags.h"
#include "harness/evaluate/baselines.h"
#include "harness/evaluate/sample_record.h"
#include "harness/evaluate/sample_source.h"
#include "harness/sweep/instances.h"
#include "harness/sweep/trial_job.h"
#include "metrics/from_files.h"
#include "results/records/store.h"

namespace ganselect {
namespace {

struct EvaluateFlags {
  SampleSourceSettings source;
  EvaluationPlan plan;
  CacheFlags cache;
  ImageReading reading;
  std::string dataset, transfer, features, baseline, device = "auto";
  std::string record;  // folder for a record of the samples
  SampleOrigin origin;
  bool json = false, full = false;
};

// One bar after the other, phase by phase.
class PhaseBars {
 public:
  void show(const std::string& phase, std::int64_t done, std::int64_t total) {
    if (phase != phase_) {
      bar_.emplace(phase, static_cast<double>(total));
      phase_ = phase;
    }
    bar_->update(static_cast<double>(done));
    if (done >= total) bar_->finish();
  }

 private:
  std::string phase_;
  std::optional<Progress> bar_;
};

// A run knows what it was trained on; anything else must say what to compare with.
std::string dataset_of(const EvaluateFlags& f, const SavedGenerator* run) {
  if (!f.dataset.empty()) return f.dataset;
  if (run != nullptr) return run->settings.dataset;
  fail(ErrorKind::kUsage,
       {.where = "evaluate", .expected = "--dataset, the data to compare with", .got = "none"});
}

// The flags that say how images are read hold for the data, where these have such a choice, and for
// samples in files. One that holds for neither is an error.
std::string read_alike(EvaluateFlags& f, const std::string& dataset) {
  const auto reference = parse_dataset_name(dataset);
  const Json asked = changed_json(f.reading);
  Json of_data = Json::object();
  for (const auto& [key, value] : asked.items()) {
    const auto& takes = reference.spec->reading;
    const bool data = std::find(takes.begin(), takes.end(), key) != takes.end();
    if (data) of_data[key] = value;
    if (data || !f.source.samples.empty()) continue;
    fail(ErrorKind::kUsage, {.where = "evaluate",
                             .expected = "no " + key +
                                         ": neither the data nor the samples are "
                                         "files of images",
                             .got = value.dump()});
  }
  const auto name = dataset_name(dataset, settings_from_json<ImageReading>(of_data, "evaluate"));
  Json alike = settings_to_json(parse_dataset_name(name).reading);
  alike.update(asked);
  f.source.reading.images = settings_from_json<ImageReading>(alike, "evaluate");
  return name;
}

// Images that the run never saw: of the data set named, else of the classes that it left out.
std::optional<Dataset> unseen_images(const EvaluateFlags& f, const GlobalFlags& global,
                                     const TrialData& data) {
  if (f.transfer.empty()) return data.unseen;
  auto other = load_dataset(f.transfer, {.data_dir = global.data_dir});
  if (other.shape == data.train.shape) return other;
  fail(ErrorKind::kUsage, {.where = "--transfer " + f.transfer,
                           .expected = "samples of " + to_string(data.train.shape),
                           .got = to_string(other.shape)});
}

// As many samples as are measured, conditioned on those images where the run is conditioned.
torch::Tensor transfer_samples(const EvaluateFlags& f, SavedGenerator& run, const Dataset& unseen) {
  SampleSettings sampling;
  sampling.count = f.source.count;
  sampling.seed = f.source.seed;
  sampling.mode = f.source.mode;
  return draw_transfer_samples(run, unseen, sampling, f.features);
}

void refuse_other_sources(const EvaluateFlags& f) {
  baseline_kinds().at(f.baseline);
  if (f.source.run.empty() && f.source.generator.empty() && f.source.samples.empty()) return;
  fail(ErrorKind::kUsage, {.where = "evaluate",
                           .expected = "one of --run, --generator, --samples and --baseline",
                           .got = "--baseline and another"});
}

// Our own trials have records already, and baselines are no generators.
void check_record_flags(const EvaluateFlags& f) {
  const bool asked = !f.record.empty();
  if (!asked && f.origin.name.empty() && f.origin.beside.empty()) return;
  if (asked && !f.origin.name.empty() && f.source.run.empty() && f.baseline.empty()) return;
  fail(ErrorKind::kUsage,
       {.where = "evaluate",
        .expected = "--record with --as, for --samples or --generator",
        .got = !asked ? "--as or --beside without --record"
               : f.origin.name.empty()
                   ? "--record without --as"
                   : "--record for " + std::string(f.baseline.empty() ? "--run" : "--baseline")});
}

int run_evaluate(EvaluateFlags f, const GlobalFlags& global) {
  check_record_flags(f);
  check_described(f.plan, "evaluate");
  const bool named = !f.plan.metrics.empty();
  if (!f.baseline.empty()) refuse_other_sources(f);
  f.source.count = f.plan.num_samples;
  f.source.seed = f.plan.seed;
  f.source.mode = f.plan.mode;
  f.source.device = parse_device(f.device);
  std::shared_ptr<SavedGenerator> run;
  if (!f.source.run.empty()) run = std::make_shared<SavedGenerator>(load_run(f.source.run));
  TrialData data = load_trial_data(read_alike(f, dataset_of(f, run.get())), global.data_dir);
  if (!data.train.shape.points) f.source.reading.channels = data.train.shape.channels;
  f.source.classes = static_cast<std::int64_t>(data.train.class_names.size());
  // A run is compared with the classes that it was trained on, unless other data are named.
  if (f.dataset.empty()) leave_out_classes(run->settings, data);
  SourcedSamples sourced = f.baseline.empty()
                               ? source_samples(f.source, data.train.shape.points, run)
                               : baseline_samples(f.baseline, data.train, f.plan);
  match_classes(data.train, sourced);
  PhaseBars bars;
  Evaluator evaluator(data.train, data.held_out ? &*data.held_out : nullptr, f.plan,
                      f.source.device,
                      {.cache = cache_folder(f.cache),
                       .batch = f.source.batch,
                       .progress = [&](const std::string& phase, std::int64_t done,
                                       std::int64_t total) { bars.show(phase, done, total); }});
  const auto unseen = unseen_images(f, global, data);
  if (unseen && instances_read(evaluator.plan().metrics)) {
    evaluator.set_unseen(&*unseen);
    if (run) sourced.input.unseen_samples = transfer_samples(f, *run, *unseen);
  }
  log_info("measuring {} against {} with {}", sourced.description, data.train.name,
           evaluator.plan().detector);
  Measures measures = evaluator.measure(sourced.input);
  warn_of_data(sourced.warnings, measures);
  if (!f.record.empty()) {
    write_record(f.record, record_of_samples(f.origin, evaluator, measures));
    log_info("a record of {} in {}", f.origin.name, f.record);
  }
  print_result(f.json ? to_json(measures).dump(2) + "\n"
                      : protocol_text(sourced.description, measures.protocol) +
                            // What was asked for by name is shown.
                            measures_text(measures, f.full || named));
  return 0;
}

int run_metrics(const MetricsRequest& request, bool json) {
  const Json result = metrics_from_files(request);
  print_result(json ? result.dump(2) + "\n"
                    : measures_text(measures_from_json(result, "metrics"), true));
  return 0;
}

void add_metrics_flags(CLI::App& app, MetricsRequest& request) {
  app.add_option(
         "--only", request.settings.metrics,
         "families of measures to compute (default: the standard ones that the files allow; "
         "standard,vendi: these and more)")
      ->delimiter(',');
  app.add_option("--real", request.real, "reference features, .npy (N, d)");
  app.add_option("--fake", request.fake, "generated features, .npy (M, d)");
  app.add_option("--real-statistics", request.real_statistics,
                 "instead of --real: .npz with mu (d) and sigma (d, d), for FID");
  app.add_option("--fake-statistics", request.fake_statistics,
                 "instead of --fake: .npz with mu (d) and sigma (d, d), for FID");
  app.add_option("--heldout", request.heldout, "features of held-out data, .npy (H, d)");
  app.add_option("--fake-probabilities", request.fake_probabilities,
                 "class probabilities of generated samples, .npy (M, K)");
  app.add_option("--fake-logits", request.fake_logits, "class scores before softmax, .npy (M, K)");
  app.add_flag("--no-shuffle", request.no_shuffle,
               "inception score's splits in the order of the file");
  app.add_option("--fake-labels", request.fake_labels,
                 "classes of generated samples, .npy (M), in 0 to K-1");
  app.add_option("--real-labels", request.real_labels,
                 "classes of the reference, .npy (N); without: uniform");
  app.add_option("--classes", request.classes, "K of the labels")->check(above_zero());
  app.add_option("--real-bin-counts", request.real_bin_counts, "samples a bin, .npy (B)");
  app.add_option("--fake-bin-counts", request.fake_bin_counts, "samples a bin, .npy (B)");
  app.add_option("--seed", request.settings.seed, "of splits and subsets")->capture_default_str();
  app.add_option("--nearest-k", request.settings.nearest_k,
                 "k of precision, recall, density and coverage")
      ->capture_default_str();
  app.add_option("--kid-subsets", request.settings.kid_subsets, "subsets of kid_mean")
      ->capture_default_str();
  app.add_option("--kid-subset-size", request.settings.kid_subset_size, "samples a subset")
      ->capture_default_str();
  app.add_option("--splits", request.settings.score_splits, "splits of the inception score")
      ->capture_default_str();
  add_numbers_flag(app, "--metric-options", request.settings.options,
                   "options of families of measures, as ndb.bins; none: their standards");
}

}  // namespace

CommandAction attach_evaluate(CLI::App& app, const GlobalFlags& global) {
  auto flags = std::make_shared<EvaluateFlags>();
  app.add_option("--run", flags->source.run, "a trial's folder or its generator.safetensors");
  app.add_option("--generator", flags->source.generator,
                 "a TorchScript generator: latents (N, Z) to images in [-1, 1] or uint8");
  app.add_option("--samples", flags->source.samples,
                 "a folder of images; an .npz or .npy of images (NHWC, NCHW or NHW), or of "
                 "features (N, d); an .npz with mu and sigma");
  app.add_option(
      "--baseline", flags->baseline,
      "in place of samples: " + join(baseline_kinds().names()) + ", what scores are read beside");
  app.add_option("--latent-dim", flags->source.latent_dim,
                 "Z of --generator (default: its attribute, else tried)")
      ->check(above_zero());
  app.add_option("--dataset", flags->dataset,
                 "data to compare with (default: what the run was trained on)");
  add_reading_flags(app, flags->reading);
  app.add_option(
      "--transfer", flags->transfer,
      "a data set that the run never saw, for fid_unseen and coverage_unseen; a run that "
      "is conditioned on instances is given its images (default: the classes left out)");
  app.add_option("--features", flags->features,
                 "file of the detector that a run's instances were looked at by, where it does not "
                 "come with the program");
  app.add_option("--device", flags->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--batch", flags->source.batch,
                 "samples a forward pass: memory and speed; changes nothing but rounding")
      ->capture_default_str()
      ->check(above_zero());
  add_evaluation_flags(app, flags->plan, "--seed",
                       {"checkpoint_samples", "fid_levels", "evaluation_steps", "detectors"});
  app.add_option("--record", flags->record,
                 "write a record of the samples into this folder, for rankings and reports");
  app.add_option("--as", flags->origin.name, "with --record: what rankings call their source");
  app.add_option(
      "--beside", flags->origin.beside,
      "with --record: a trial's folder whose budget the samples' source had too, so that "
      "the two are compared");
  app.add_option("--origin-seed", flags->origin.seed,
                 "with --record: tells several sets of one source apart")
      ->capture_default_str();
  add_cache_flags(app, flags->cache);
  app.add_flag("--json", flags->json, "as JSON");
  app.add_flag("--full", flags->full, "every measure, not the leading ones alone");
  return [flags, &global] { return run_evaluate(*flags, global); };
}

CommandAction attach_metrics(CLI::App& app, const GlobalFlags&) {
  auto request = std::make_shared<MetricsRequest>();
  auto json = std::make_shared<bool>(false);
  add_metrics_flags(app, *request);
  app.add_flag("--json", *json, "as JSON");
  return [request, json] { return run_metrics(*request, *json); };
}

}  // namespace ganselect
