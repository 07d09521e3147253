#include "harness/commands/evaluation_flags.h"

namespace ganselect {

void add_evaluation_flags(CLI::App& app, EvaluationPlan& plan, const std::string& seed_flag) {
  app.add_option("--detector", plan.detector,
                 "named detector, a judge's file (.safetensors) or a TorchScript file; auto: the "
                 "data set's own judge")
      ->capture_default_str();
  app.add_option("--num-samples", plan.num_samples, "generated samples that are measured")
      ->capture_default_str();
  app.add_option("--reference-samples", plan.reference_samples,
                 "training samples compared with; 0: as many")
      ->capture_default_str();
  app.add_option(seed_flag, plan.seed, "of reference samples, latents, splits and subsets")
      ->capture_default_str();
  app.add_option("--bn-mode", plan.mode,
                 "batch norm while sampling: " + join(sample_modes().names()))
      ->capture_default_str();
  app.add_option("--metrics", plan.metrics,
                 "only these families: " + join(metric_families().names()) +
                     "; without those that look at every feature, memory does not grow with the "
                     "samples")
      ->delimiter(',');
  app.add_option("--intervals", plan.intervals,
                 "draws of an interval for every measure (200 is plenty); 0: none")
      ->capture_default_str();
  app.add_flag("--fid-infinity", plan.fid_infinity,
               "also FID at several sample counts, extrapolated to infinitely many");
  app.add_flag("--reconstruction", plan.reconstruction,
               "also the minimum reconstruction error (slow)");
  app.add_flag(
      "--classifier", plan.classifier,
      "also the accuracy on real images of a classifier trained on the samples (slow; holds "
      "them in memory)");
}

void add_cache_flags(CLI::App& app, CacheFlags& flags) {
  app.add_option("--cache", flags.folder,
                 "folder for features of reference samples (default: in the user's cache folder)");
  app.add_flag("--no-cache", flags.off, "neither look for stored reference features nor keep any");
}

std::optional<std::filesystem::path> cache_folder(const CacheFlags& flags) {
  if (flags.off) return std::nullopt;
  if (!flags.folder.empty()) return flags.folder;
  return default_reference_cache();
}

}  // namespace ganselect
