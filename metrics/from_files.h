// The measures of arrays that other programs wrote: features, class scores, labels or bin counts in
// .npy files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "metrics/measure.h"

namespace ganselect {

// Every path is optional; a measure whose files are not given is null with the reason.
// N real, M fake, H held-out samples; D dimensions; K classes; B bins.
struct MetricsRequest {
  std::optional<std::filesystem::path> real;  // float16/32/64 (N,D)
  std::optional<std::filesystem::path> fake;  // the same type of array (M,D)
  // .npz with mu (D) and sigma (D,D), in place of the features of a side: FID only
  std::optional<std::filesystem::path> real_statistics, fake_statistics;
  std::optional<std::filesystem::path> heldout;             // (H,D): for memorization and fid_gap
  std::optional<std::filesystem::path> fake_probabilities;  // floating (M,K), rows sum to 1
  std::optional<std::filesystem::path>
      fake_logits;  // floating (M,K); not together with probabilities
  std::optional<std::filesystem::path> fake_labels;  // integers (M), in [0, classes)
  std::optional<std::filesystem::path>
      real_labels;                 // integers (N): for mode_kl, which else compares with uniform
  std::optional<int64_t> classes;  // required with labels
  std::optional<std::filesystem::path> real_bin_counts;  // integers (B)
  std::optional<std::filesystem::path> fake_bin_counts;  // integers (B)
  bool no_shuffle = false;                               // inception score in the order of the file
  EvaluationSettings settings;
};

// Whether an .npz holds a mean and a covariance: mu and sigma, or mean and cov.
bool holds_statistics(const std::filesystem::path& file);
// Those, as float64; the count stays unknown. kData when they are missing, do not fit together, are
// not finite, or when the matrix is no covariance: not symmetric, or a variance below 0.
FeatureStatistics load_statistics(const std::filesystem::path& file);

// kUsage when nothing is asked for or the request contradicts itself; kData for files that are
// missing, damaged or do not fit.
Measures measure_files(const MetricsRequest& request);

// measure_files as the flat JSON of `metrics --json`: every sample measure, "protocol", "reason",
// "warnings".
Json metrics_from_files(const MetricsRequest& request);

}  // namespace ganselect
