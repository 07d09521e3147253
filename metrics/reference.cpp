#include "metrics/reference.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "base/seeds.h"
#include "base/torch/safetensors.h"
#include "datasets/subset.h"
#include "metrics/numerics/moments.h"

namespace ganselect {
namespace {

constexpr const char* kFormat = "ganselect-reference-2";

std::map<std::string, std::string> key_metadata(const ReferenceKey& key) {
  return {{"format", kFormat},
          {"data", key.data},
          {"data_digest", key.data_digest},
          {"split", key.split},
          {"detector", key.detector},
          {"detector_digest", key.detector_digest},
          {"preprocessing", key.preprocessing},
          {"count", std::to_string(key.count)},
          {"rows", key.rows}};
}

// The name is a digest of the whole key, so keys do not meet in one file by chance.
std::filesystem::path key_file(const std::filesystem::path& folder, const ReferenceKey& key) {
  std::string text;
  for (const auto& [name, value] : key_metadata(key)) {
    text += name + "=" + std::to_string(value.size()) + ":" + value + "\n";
  }
  return folder / ("reference-" + sha256_hex(text).substr(0, 32) + ".safetensors");
}

void add_statistics(const torch::Tensor& features, std::map<std::string, torch::Tensor>& tensors) {
  if (features.size(0) < 2) return;
  const auto moments = feature_moments(features);
  tensors["mean"] = moments.mean;
  tensors["covariance"] = moments.covariance();
}

// nullopt and a line in the log when the file cannot serve.
std::optional<Detections> read_cached(const std::filesystem::path& path, const ReferenceKey& key) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto refuse = [&](const std::string& why) {
    log_warn("{}: {}; it is computed anew", path.string(), why);
    return std::nullopt;
  };
  try {
    auto file = load_safetensors(path);
    const bool probabilities = file.metadata["scores"] == "probabilities";
    const bool foreign = file.metadata["classes"] == "foreign";
    file.metadata.erase("scores");
    file.metadata.erase("classes");
    if (file.metadata != key_metadata(key))
      return refuse("stored features belong to other samples");
    if (file.tensors["features"].dim() != 2 || file.tensors["features"].size(0) != key.count) {
      return refuse("stored features have another shape");
    }
    return Detections{.features = file.tensors["features"],
                      .logits = file.tensors["logits"],
                      .scores_are_probabilities = probabilities,
                      .foreign_classes = foreign};
  } catch (const Error& error) {
    return refuse(error.what());
  }
}

void store(const std::filesystem::path& path, const ReferenceKey& key,
           const Detections& detections) {
  TensorFile file{.tensors = {{"features", detections.features}}, .metadata = key_metadata(key)};
  if (detections.logits.defined()) {
    file.tensors["logits"] = detections.logits;
    file.metadata["scores"] = detections.scores_are_probabilities ? "probabilities" : "logits";
    if (detections.foreign_classes) file.metadata["classes"] = "foreign";
  }
  add_statistics(detections.features, file.tensors);
  save_safetensors(path, file);
}

}  // namespace

Detections cached_detections(const std::filesystem::path& folder, const ReferenceKey& key,
                             const std::function<Detections()>& compute) {
  const auto path = key_file(folder, key);
  if (auto stored = read_cached(path, key)) return *stored;
  const auto computed = compute();
  if (computed.size() != key.count) {
    fail(ErrorKind::kFailed, {.where = "reference features",
                              .expected = std::to_string(key.count) + " rows",
                              .got = std::to_string(computed.size())});
  }
  try {
    store(path, key, computed);
  } catch (const Error& error) {  // a full or read-only disk costs time, not the result
    log_warn("reference features are not kept: {}", error.what());
  }
  return computed;
}

std::optional<std::filesystem::path> default_reference_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache != '\0')
    return std::filesystem::path(cache) / "ganselect" / "references";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return std::nullopt;
  return std::filesystem::path(home) / ".cache" / "ganselect" / "references";
}

torch::Tensor reference_rows(const Dataset& data, int64_t count, std::uint64_t seed) {
  return drawn_rows(data.size(), data.labels,
                    {.count = count, .seed = stream_seed(seed, "reference rows")});
}

Reference reference_detections(const Dataset& data, Detector& detector,
                               const ReferenceSettings& settings) {
  const auto count = settings.count.value_or(data.size());
  const auto rows = reference_rows(data, count, settings.seed);
  const auto drawn =
      draw_protocol(data.size(), data.labels.defined(), {.count = count, .seed = settings.seed});
  const ReferenceKey key{.data = data.name,
                         .data_digest = data.digest,
                         .split = data.split,
                         .detector = detector.name(),
                         .detector_digest = detector.digest(),
                         .preprocessing = detector.preprocessing(data.shape),
                         .count = rows.size(0),
                         .rows = drawn.is_null() ? "all" : drawn.dump()};
  const auto compute = [&] {
    auto detect = settings.detect;
    detect.keep_features = true;
    return detect_stream(detector, *stream_rows(data.samples, rows), detect).detections;
  };
  Reference reference;
  reference.detections =
      settings.cache ? cached_detections(*settings.cache, key, compute) : compute();
  if (data.labels.defined()) reference.labels = data.labels.index_select(0, rows);
  reference.protocol = {{"detector", key.detector},
                        {"detector_digest", key.detector_digest},
                        {"preprocessing", key.preprocessing},
                        {"data", key.data},
                        {"data_digest", key.data_digest},
                        {"split", key.split},
                        {"n_real", key.count}};
  if (!drawn.is_null()) reference.protocol["reference_drawn"] = drawn;
  return reference;
}

void save_feature_statistics(const std::filesystem::path& path, const FeatureStatistics& statistics,
                             std::map<std::string, std::string> metadata) {
  if (statistics.count) metadata["count"] = std::to_string(*statistics.count);
  save_safetensors(path,
                   {.tensors = {{"mean", statistics.mean}, {"covariance", statistics.covariance}},
                    .metadata = std::move(metadata)});
}

}  // namespace ganselect
