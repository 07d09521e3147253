// Features of the real samples that generated ones are compared with, computed once and kept on
// disk.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "datasets/dataset.h"
#include "metrics/detectors/detector.h"

namespace ganselect {

// All that decides the features. Two keys that differ anywhere never share a file.
struct ReferenceKey {
  std::string data;         // name of the data set, for the reader of the file
  std::string data_digest;  // SHA-256 of samples and labels
  std::string split;
  std::string detector;
  std::string detector_digest;  // SHA-256
  std::string preprocessing;
  int64_t count = 0;         // samples
  std::string rows = "all";  // which ones
};

// The stored detections of `key` in `folder`, or those of `compute`, then stored. The file
// (safetensors, written whole or not at all) holds features, logits, and the features' mean and
// covariance in float64; its metadata the key. A damaged file, or one of another key, is computed
// anew and replaced, with a warning in the log.
Detections cached_detections(const std::filesystem::path& folder, const ReferenceKey& key,
                             const std::function<Detections()>& compute);

struct Reference {
  Detections detections;
  torch::Tensor labels;  // int64 (N) or undefined: true classes of the same rows
  // data, data_digest, split, n_real, detector, detector_digest, preprocessing; reference_drawn
  // where not all samples are taken
  Json protocol = Json::object();
};

struct ReferenceSettings {
  std::optional<int64_t> count;                // samples; none: all
  std::uint64_t seed = 0;                      // which ones, where not all
  std::optional<std::filesystem::path> cache;  // a folder; none: nothing is stored or looked up
  DetectSettings detect;                       // batches and progress
};

// int64 (min(count, N)): which samples of the data set a reference of `count` is made of.
torch::Tensor reference_rows(const Dataset& data, int64_t count, std::uint64_t seed);

// Detections of samples of the data set, drawn by the seed, from each class its share.
Reference reference_detections(const Dataset& data, Detector& detector,
                               const ReferenceSettings& settings);

// Where references are kept unless a caller says otherwise: $XDG_CACHE_HOME/ganselect/references,
// else $HOME/.cache/ganselect/references; none when neither is set.
std::optional<std::filesystem::path> default_reference_cache();

// Mean (D) and covariance (D,D), float64, with `count` and `metadata`: what comparing FID needs,
// for statistics.safetensors of a trial.
void save_feature_statistics(const std::filesystem::path& path, const FeatureStatistics& statistics,
                             std::map<std::string, std::string> metadata);

}  // namespace ganselect
