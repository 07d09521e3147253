#include "metrics/neighborhoods_make.h"

#include <torch/torch.h>

#include <algorithm>
#include <filesystem>

#include "base/torch/generators.h"
#include "metrics/detectors/embedding_detector.h"
#include "metrics/detectors/judge_detector.h"
#include "metrics/ndb.h"
#include "metrics/numerics/cosine_neighbors.h"

namespace ganselect {
namespace {

// Of k-means, whose choice need not be final: iterations, and rows it looks at for each cluster.
constexpr std::int64_t kRepresentativeIterations = 10;
constexpr std::int64_t kRowsPerCluster = 10;

// A data set without a detector of its own is looked at by that of natural images.
template <class Table>
std::string detector_of_dataset(const Table& table, const std::string& dataset) {
  for (const auto& spec : table)
    if (spec.dataset == dataset) return spec.name;
  return table.begin()->name;
}

torch::Tensor unit_features(Detector& detector, const torch::Tensor& samples) {
  return unit_rows(detect_all(detector, samples).features);
}

// Undefined for points, which have no left and right.
torch::Tensor mirrored_features(Detector& detector, const torch::Tensor& samples) {
  return samples.dim() == 4 ? unit_features(detector, samples.flip(3)) : torch::Tensor();
}

}  // namespace

std::unique_ptr<Detector> load_feature_detector(const std::string& features,
                                                const std::string& dataset, torch::Device device) {
  if (features == "simclr") {
    return make_embedding_detector(
        load_shipped_embedding(detector_of_dataset(embedding_table(), dataset)), device);
  }
  if (features == "judge")
    return load_detector(detector_of_dataset(judge_table(), dataset), device);
  const std::filesystem::path file(features);
  if (file.extension() == ".safetensors" && detector_table().find(features) == nullptr)
    return make_embedding_detector(load_embedding(file), device);
  return load_detector(features, device);
}

Representatives choose_representatives(const torch::Tensor& unit_features, std::int64_t count,
                                       std::uint64_t seed) {
  const auto n = unit_features.size(0);
  if (count >= n) {
    return {.rows = torch::arange(n, torch::kInt32), .counts = torch::ones({n}, torch::kInt32)};
  }
  const auto looked_at = torch::randperm(n, make_stream(seed, "representatives"), torch::kInt64)
                             .slice(0, 0, kRowsPerCluster * count);
  const auto centres = kmeans_centres(unit_features.index_select(0, looked_at), count, seed,
                                      kRepresentativeIterations)
                           .to(torch::kFloat32);
  const auto rows = unit_features.to(torch::kCPU, torch::kFloat32);
  const auto half_norms = centres.square().sum(1) / 2;
  constexpr std::int64_t kRowsAtATime = 4096;
  std::vector<std::int64_t> nearest(static_cast<std::size_t>(count), -1);
  std::vector<float> largest(static_cast<std::size_t>(count), 0);
  std::vector<std::int32_t> sizes(static_cast<std::size_t>(count), 0);
  for (std::int64_t start = 0; start < n; start += kRowsAtATime) {
    const auto part = rows.slice(0, start, std::min(start + kRowsAtATime, n));
    const auto [closeness, owners] = torch::addmm(half_norms, part, centres.t(), -1, 1).max(1);
    const auto* value = closeness.template const_data_ptr<float>();
    const auto* owner = owners.template const_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < part.size(0); ++i) {
      const auto cluster = static_cast<std::size_t>(owner[i]);
      ++sizes[cluster];
      if (nearest[cluster] >= 0 && value[i] <= largest[cluster]) continue;
      nearest[cluster] = start + i;
      largest[cluster] = value[i];
    }
  }
  std::vector<std::pair<std::int64_t, std::int32_t>> chosen;
  for (std::size_t c = 0; c < nearest.size(); ++c)
    if (nearest[c] >= 0) chosen.emplace_back(nearest[c], sizes[c]);
  std::sort(chosen.begin(), chosen.end());
  Representatives out{
      .rows = torch::empty({static_cast<std::int64_t>(chosen.size())}, torch::kInt32),
      .counts = torch::empty({static_cast<std::int64_t>(chosen.size())}, torch::kInt32)};
  for (std::size_t m = 0; m < chosen.size(); ++m) {
    out.rows.data_ptr<std::int32_t>()[m] = static_cast<std::int32_t>(chosen[m].first);
    out.counts.data_ptr<std::int32_t>()[m] = chosen[m].second;
  }
  return out;
}

Neighborhoods make_neighborhoods(const Dataset& data, Detector& detector,
                                 const NeighborhoodSettings& settings, torch::Device device) {
  Neighborhoods out;
  out.features = unit_features(detector, data.samples);
  out.mirrored = mirrored_features(detector, data.samples);
  out.scale = feature_scale(out.features);
  out.include_self = settings.include_self;
  out.neighbors =
      cosine_neighbors_within(out.features, settings.k, settings.include_self, device).indices;
  const auto chosen = choose_representatives(out.features, settings.stored, settings.seed);
  out.stored = chosen.rows;
  out.stored_counts = chosen.counts;
  out.detector = detector.name();
  out.detector_digest = detector.digest();
  out.data_name = data.name;
  out.data_split = data.split;
  out.data_digest = data.digest;
  return out;
}

Neighborhoods own_neighborhoods(const Dataset& data, Detector& detector, const FeatureScale& scale,
                                bool mirrored) {
  Neighborhoods out;
  const auto n = data.size();
  out.features = unit_features(detector, data.samples);
  if (mirrored) out.mirrored = mirrored_features(detector, data.samples);
  out.include_self = true;
  out.scale = scale;
  out.neighbors = torch::arange(n, torch::kInt32).view({n, 1});
  out.stored = torch::arange(n, torch::kInt32);
  out.stored_counts = torch::ones({n}, torch::kInt32);
  out.detector = detector.name();
  out.detector_digest = detector.digest();
  out.data_name = data.name;
  out.data_split = data.split;
  out.data_digest = data.digest;
  return out;
}

}  // namespace ganselect
