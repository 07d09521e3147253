// Measures sample sets against a data set: the reference's features are taken once and shared by
// every trial.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/settings_io.h"
#include "datasets/dataset.h"
#include "harness/train/sampler.h"
#include "harness/train/settings.h"
#include "metrics/detectors/detector.h"
#include "metrics/inpainting.h"
#include "metrics/measure.h"
#include "metrics/reference.h"

namespace ganselect {

// Samples that one evaluation may draw: beyond it a count is taken for a slip.
inline constexpr double kMostSamples = 1e7;

// How samples are measured; a part of every trial's settings, since it changes what the record
// says.
struct EvaluationPlan {
  std::string detector =
      "auto";  // named detector or TorchScript file; auto: the data set's own judge
  std::int64_t num_samples = 10000;    // generated samples at the end of training
  std::int64_t reference_samples = 0;  // training samples compared with; 0: as many as generated
  std::int64_t checkpoint_samples = 2000;  // generated samples at evaluations along the way
  std::uint64_t seed = 2020;  // which reference samples, splits and subsets; the latents' stream
  std::string mode = "eval";  // batch norm while sampling: a row of sample_modes()
  std::vector<double> fid_levels;  // steps and seconds to reach each of these FIDs are reported
  bool reconstruction = false;     // also the minimum reconstruction error (slow)
  bool classifier = false;  // also the accuracy of a classifier trained on the samples (slow)
  std::vector<std::string> metrics;  // families at the end of training; none: the standard ones
  std::int64_t intervals = 0;        // draws of an interval for every measure; 0: no intervals
  bool fid_infinity = false;         // also FID extrapolated to infinitely many samples
  // Updates after which all families are measured, of checkpoint_samples samples; each is a
  // measured row of the record.
  std::vector<std::int64_t> evaluation_steps;
  std::vector<std::string> detectors;  // further ones that look at the samples of the end
  // Options of families of measures, as "ndb.bins" (metrics/measure.h).
  std::map<std::string, double> metric_options;
};

template <class V>
void describe(V& v, EvaluationPlan& s) {
  v.field("detector", s.detector,
          "feature space: a named detector or a TorchScript file; auto: the data set's own judge");
  v.field("num_samples", s.num_samples, "generated samples at the end of training",
          between(2, kMostSamples));
  v.field("reference_samples", s.reference_samples,
          "training samples compared with; 0: as many as generated", at_least(0));
  v.field("checkpoint_samples", s.checkpoint_samples,
          "generated samples at evaluations along the way", between(2, kMostSamples));
  v.field("seed", s.seed, "of reference samples, latents, splits and subsets",
          between(0, 4294967295.0));
  v.field("mode", s.mode, "batch norm while sampling", one_of(sample_modes().names()));
  v.field("fid_levels", s.fid_levels, "steps and seconds to reach each of these FIDs are reported",
          above(0));
  v.field("reconstruction", s.reconstruction,
          "also the minimum reconstruction error, which is slow");
  v.field("classifier", s.classifier,
          "also the accuracy of a classifier trained on the samples, which is slow");
  v.field(
      "metrics", s.metrics,
      "families of measures at the end of training; none: the standard ones; standard,vendi: these "
      "and more");
  v.field("intervals", s.intervals, "draws of an interval for every measure; 0: no intervals",
          at_least(0));
  v.field("fid_infinity", s.fid_infinity,
          "also FID at several sample counts, extrapolated to infinitely many");
  v.field("evaluation_steps", s.evaluation_steps,
          "updates after which all families are measured, of checkpoint_samples samples",
          at_least(1));
  v.field("detectors", s.detectors,
          "further detectors that look at the samples at the end of training");
  v.field("metric_options", s.metric_options,
          "options of families of measures, as ndb.bins; none: their standards");
}

// What of a plan names a trial: all settings but the later ones (classifier and after) at their
// defaults, so that trials keep their names when settings are added.
Json plan_identity(const EvaluationPlan& plan);

// kUsage where an evaluation step lies beyond the last update, which would never be measured.
void check_evaluation_steps(const TrainSettings& settings, const EvaluationPlan& plan);

// The named detector that suits a data set: its own judge, the coordinates for point sets, else
// efficientnet-lite0.
std::string default_detector(const Dataset& data);

// Adds the warnings of a data set, as Dataset::warnings words them.
void warn_of_data(const std::vector<std::string>& warnings, Measures& measures);

// What the measures of a generator conditioned on instances look at (metrics/instances.h), as
// images.
struct InstanceImages {
  struct Neighborhood {
    torch::Tensor real, fake;  // uint8 (k,C,H,W): neighbours, and samples asked for the instance
  };
  std::vector<Neighborhood> neighborhoods;
  torch::Tensor stored, samples;  // features (M,F) of the instances, (n,F) of samples
  torch::Tensor asked;            // int64 (n)
};

// One set of generated samples: a stream of them, or what others computed from theirs.
struct SampleInput {
  std::shared_ptr<SampleStream> samples;        // uint8 (N,C,H,W) or float32 (N,2); read once
  bool digest = false;                          // name the samples' SHA-256 in the protocol
  torch::Tensor features;                       // floating (N,D), instead of samples
  std::optional<FeatureStatistics> statistics;  // instead of samples
  Json protocol = Json::object();               // how they were drawn: mode, weights, seed, ...
  DifferentiableGenerator generator;            // for reconstruction; may be empty
  std::int64_t latent_dim = 0;
  // What each sample was asked to be: int64 (N), classes of the data set; undefined: nothing.
  torch::Tensor labels;
  std::string label_law;                            // how they were chosen, in words
  std::shared_ptr<const InstanceImages> instances;  // null: not conditioned on instances
  torch::Tensor unseen_samples;  // conditioned on images of the classes left out; may be undefined
  std::shared_ptr<const ClusterSamples> clusters;  // null: not told clusters
  std::shared_ptr<const Fillings> fillings;        // null: nothing is filled in
};

// How an evaluation runs; changes no value but by rounding.
struct EvaluatorOptions {
  std::optional<std::filesystem::path> cache;  // folder of reference features; none: not kept
  std::int64_t batch = 256;                    // samples that the detector sees at a time
  // Work done of a phase ("reference", "samples", "measures"); may be empty, may throw.
  std::function<void(const std::string& phase, std::int64_t done, std::int64_t total)> progress;
};

class Evaluator {
 public:
  // `train` must outlive the evaluator; so must `held_out` (null: measures that need one are null
  // with the reason). Reference features are computed at the first use.
  Evaluator(const Dataset& train, const Dataset* held_out, EvaluationPlan plan,
            torch::Device device, EvaluatorOptions options = {});

  // Every measure that the plan and the inputs allow, computed on the evaluator's device. kData for
  // samples of another kind than the data set's (points, channels), or of another size where the
  // detector resizes nothing. Safe to call from several threads. With `statistics`, mean and
  // covariance of the samples' features go into that file (float64).
  Measures measure(const SampleInput& input,
                   const std::optional<std::filesystem::path>& statistics = {});
  // FID and modes only, for evaluations along the way.
  Measures measure_briefly(const SampleInput& input);
  // What each of the plan's further detectors makes of the same samples, drawn anew for each by
  // `draw`: measures that look through a detector, no others.
  std::map<std::string, Measures> measure_by_detector(const std::function<SampleInput()>& draw);

  // Images of the classes that training left out (null: none), for measures of transfer; must
  // outlive the evaluator.
  void set_unseen(const Dataset* unseen);

  const EvaluationPlan& plan() const { return plan_; }  // with the detector's name resolved
  // What makes a trial another one beside its TrainSettings: how it is measured, by which
  // detector's weights, and the versions of training and measuring, so that a newer program does
  // not go on with an older one's trial.
  Json trial_settings() const;
  const Dataset& train() const { return train_; }
  std::int64_t reference_count(std::int64_t generated) const;

 private:
  // The reference of `count` samples with its features, and those of the held-out samples; computed
  // once each.
  const Reference& reference(std::int64_t count);
  const Detections& heldout();
  void add_instances(const SampleInput& input, EvaluationInput& in);
  void add_further_detectors();
  // Whether the detector's classes are the data's own: it names the same ones, or is the data set's
  // own detector.
  bool knows_classes(const Detections& detections) const;
  Measures run(const SampleInput& input, const EvaluationSettings& settings,
               const std::optional<std::filesystem::path>& statistics);
  DetectSettings detect_settings(const std::string& phase, std::int64_t total) const;
  // Detects the samples and names in the protocol what was done to them.
  struct Kept {
    bool features, images;
  };
  void detect_samples(const SampleInput& input, Kept kept, EvaluationInput& into,
                      std::vector<std::string>& warnings);
  // What of the images themselves the families and the plan ask for.
  void add_images(bool density, EvaluationInput& in) const;

  const Dataset& train_;
  const Dataset* held_out_;
  const Dataset* unseen_ = nullptr;
  EvaluationPlan plan_;
  torch::Device device_;
  EvaluatorOptions options_;
  std::unique_ptr<Detector> detector_;
  std::mutex mutex_;
  std::map<std::int64_t, Reference> references_;  // by count
  std::optional<Detections> heldout_features_;
  std::vector<std::unique_ptr<Evaluator>> further_;  // one for each of the plan's detectors
};

}  // namespace ganselect
