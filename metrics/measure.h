// Evaluation: features and class scores in, every chosen sample measure out, each computed once
// from the same samples.
//
// Shapes: N samples, D feature dimensions, K classes, M modes. All statistics are float64, whatever
// the features' type.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/settings_io.h"
#include "metrics/detectors/detector.h"
#include "metrics/numerics/moments.h"
#include "metrics/parzen.h"
#include "metrics/reconstruction.h"
#include "metrics/spec.h"

namespace ganselect {

struct InstanceSamples;  // metrics/instances.h
struct Fillings;         // metrics/inpainting.h

// Of a generator that is told clusters of the data, in the features that these were made in.
struct ClusterSamples {
  torch::Tensor centres;  // (K,F)
  torch::Tensor samples;  // (n,F)
  torch::Tensor asked;    // int64 (n), in [0, K)
};

// What an evaluation may look at. Only `fake` is always needed; a measure whose inputs are missing
// is null with the reason.
struct EvaluationInput {
  Detections real;     // the reference: training samples
  Detections fake;     // generated samples
  Detections heldout;  // samples of the data that were not trained on; features may be undefined

  // Instead of features, where these are too many to hold or not at hand: FID needs no more.
  std::optional<FeatureStatistics> real_statistics, fake_statistics;

  torch::Tensor fake_labels;  // int64 (N): classes given directly, instead of fake.logits
  torch::Tensor
      real_labels;      // int64 (N): true classes of the reference, for the data's class histogram
  int64_t classes = 0;  // K of the labels; 0: as many as the scores have

  // What generated samples were asked to be, for measures by class; a conditional generator's own.
  torch::Tensor asked_labels;            // int64 (N), in the numbering of real_labels
  std::string asked_law;                 // how they were chosen, in words
  std::vector<std::string> class_names;  // of the data; may be empty

  // For classifier_accuracy only, which is slow; undefined: not asked for.
  torch::Tensor fake_images;     // uint8 (N,C,H,W)
  torch::Tensor heldout_pixels;  // uint8 (H,C,H,W), real images that were not trained on
  torch::Tensor heldout_labels;  // int64 (H)

  torch::Tensor fake_points;   // float (N,2): generated points, for point sets
  torch::Tensor mode_centres;  // float (M,2): the true centres
  double mode_sd = 0;          // their standard deviation a coordinate, > 0

  torch::Tensor real_bin_counts,
      fake_bin_counts;  // int64 (bins): instead of bins made from features

  // For reconstruction_error only; unset when the generator is not at hand.
  DifferentiableGenerator generator;
  int64_t latent_dim = 0;
  torch::Tensor heldout_images;  // float32 (N,C,H,W) in [-1,1]

  std::optional<DensityImages> density;  // of equal sizes, what was padded cut off again

  // Transfer: features of images of classes that training left out, and of samples that were
  // conditioned on such images; the latter undefined where the generator cannot be.
  torch::Tensor unseen, unseen_fake;                 // (U,D), (M,D)
  std::shared_ptr<const InstanceSamples> instances;  // of a generator conditioned on instances
  std::shared_ptr<const ClusterSamples> clusters;    // of one told clusters of the data
  std::shared_ptr<const Fillings> fillings;          // of one that fills in parts of images

  // Detector, digests, data, split, sampling seed and mode: copied into the result's protocol,
  // which gains n_real, n_fake, d, and what each measure adds.
  Json protocol = Json::object();
};

// Stands for all families that are computed unasked, so that others can be had beside them.
inline constexpr const char* kStandardFamilies = "standard";

struct EvaluationSettings {
  std::vector<std::string>
      metrics;                // names of metric_families(), or kStandardFamilies; empty: these
  std::uint64_t seed = 2020;  // order of the splits and subsets; in [0, 2^32)
  int64_t kid_subsets = 100;
  int64_t kid_subset_size = 1000;  // with fewer samples half of them, at least 50
  int64_t score_splits = 10;
  bool shuffle_scores = true;  // false: splits in the order given
  int64_t nearest_k = 5;       // of precision, recall, density and coverage
  // Of the families' own options, "FAMILY.OPTION" as "ndb.bins": others than their standards.
  std::map<std::string, double> options;
  ReconstructionSettings reconstruction;
  bool fid_infinity = false;     // also fid_infinity, which computes FID many times
  int64_t interval_draws = 0;    // half-samples behind each interval; 0: no intervals
  double interval_level = 0.95;  // share of chance that an interval leaves out is 1 minus this
};

template <class V>
void describe(V& v, EvaluationSettings& s) {
  v.field(
      "metrics", s.metrics,
      "families of measures to compute; none: the standard ones; standard,vendi: these and more");
  v.field("seed", s.seed, "order of the score's splits and draws of KID's subsets",
          between(0, 4294967295.0));
  v.field("kid_subsets", s.kid_subsets, "subsets of KID", at_least(1));
  v.field("kid_subset_size", s.kid_subset_size, "samples in a subset of KID", at_least(2));
  v.field("score_splits", s.score_splits, "splits of the inception score", at_least(1));
  v.field("shuffle_scores", s.shuffle_scores, "shuffle samples before they are split");
  v.field("nearest_k", s.nearest_k, "neighbours of precision, recall, density and coverage",
          at_least(1));
  v.field("options", s.options, "of families of measures, by FAMILY.OPTION; none: their standards");
  v.field("reconstruction", s.reconstruction, "search for the nearest generated image");
  v.field("fid_infinity", s.fid_infinity, "also FID extrapolated to infinitely many samples");
  v.field("interval_draws", s.interval_draws, "half-samples behind each interval; 0: none",
          at_least(0));
  v.field("interval_level", s.interval_level, "confidence of the intervals", between(0.5, 0.999));
}

using MeasureProgress = std::function<void(int64_t done, int64_t total)>;

// Throws kUsage for an unknown metric name or a setting out of range, kData for inputs that do not
// fit together (different D, labels outside the classes, values that are not finite).
// `progress`, when given, hears after each step how many of how many are done, and may throw.
Measures measure_samples(const EvaluationInput& input, const EvaluationSettings& settings = {},
                         const MeasureProgress& progress = {});

// A number that a family can be asked for.
struct MetricOption {
  std::string name;  // "bins"; with its family "ndb.bins"
  double standard;
  std::string meaning;
  Check check;
};

// A family: measures that are computed together. One file each, its line and rows in metrics.inc.
struct MetricFamily {
  std::string name;                   // "fid", "kid", "prdc", ...
  std::vector<std::string> measures;  // names in metric_specs()
  // nullopt when the inputs allow it; else what is missing, the reason beside null.
  std::function<std::optional<std::string>(const EvaluationInput&)> missing;
  // Sets every one of `measures`, or marks it missing; adds settings under protocol["measures"] and
  // warnings.
  std::function<void(const EvaluationInput&, const EvaluationSettings&, Measures&)> compute;
  // false: features are not looked at, or their mean and covariance serve as well.
  bool needs_features = true;
  bool reads_instances = false;  // `unseen`, `unseen_fake` or `instances` of the input
  bool reads_images = false;     // `density` of the input
  std::vector<MetricOption> options = {};
  bool standard = true;  // false: computed only where it is asked for by name
};

const NamedTable<MetricFamily>& metric_families();

// Every option as "FAMILY.OPTION", in the families' order.
std::vector<MetricOption> metric_options();

// kUsage for an option that no family has, and for a value out of its range.
void check_metric_options(const std::map<std::string, double>& options, const std::string& where);

// What the settings say of "FAMILY.OPTION", else its standard.
double metric_option(const EvaluationSettings& settings, const std::string& key);

// The families that the settings ask for, each once, in the order asked.
std::vector<const MetricFamily*> chosen_families(const EvaluationSettings& settings);

// Computes one family, or marks its measures missing.
void measure_family(const MetricFamily& family, const EvaluationInput& input,
                    const EvaluationSettings& settings, Measures& measures);

// Whether some family among `names` (none: all) needs the features themselves.
bool features_needed(const std::vector<std::string>& names);

// Whether some family among `names` (none: all) reads instances or images of classes left out,
// whose samples cost a pass of their own.
bool instances_read(const std::vector<std::string>& names);

// Whether some family among `names` (none: all) reads the images themselves.
bool images_read(const std::vector<std::string>& names);

}  // namespace ganselect
