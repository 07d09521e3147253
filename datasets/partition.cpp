#include "datasets/partition.h"

#include <torch/torch.h>

#include "base/error.h"
#include "base/torch/safetensors.h"
#include "datasets/dataset.h"

namespace ganselect {
namespace {

constexpr const char* kPartitionFormat = "ganselect-partition";
constexpr const char* kPartitionVersion = "1";
constexpr const char* kClusterPrefix = "cluster-";

const std::string& partition_entry(const TensorFile& file, const std::string& key,
                                   const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  fail(ErrorKind::kData, {.where = where,
                          .expected = "metadata '" + key + "'",
                          .got = "none",
                          .hint = "make the file with ganselect partition build"});
}

torch::Tensor partition_tensor(const TensorFile& file, const char* name, torch::ScalarType type,
                               std::int64_t dimensions) {
  const auto found = file.tensors.find(name);
  const bool fits = found != file.tensors.end() && found->second.scalar_type() == type &&
                    found->second.dim() == dimensions;
  return fits ? found->second : torch::Tensor();
}

bool holds_together(const Partition& p) {
  return p.labels.defined() && p.centres.defined() && p.labels.numel() > 0 &&
         p.labels.min().item<std::int64_t>() >= 0 &&
         p.labels.max().item<std::int64_t>() < p.clusters();
}

}  // namespace

Json Partition::identity() const {
  return {{"clusters", clusters()},
          {"method", "k-means"},
          {"seed", seed},
          {"detector", detector},
          {"detector_digest", detector_digest}};
}

Partition any_partition(const Dataset& data, std::int64_t clusters, torch::Generator& random) {
  constexpr std::int64_t kFeatures = 8;
  Partition made;
  made.labels = torch::arange(data.size(), torch::kInt64).remainder(clusters);
  made.centres = torch::randn({clusters, kFeatures}, random);
  made.centres /= made.centres.norm(2, 1, true);
  made.detector = "none";
  made.data_name = data.name;
  made.data_split = data.split;
  made.data_digest = data.digest;
  return made;
}

std::string cluster_name(std::int64_t cluster) { return kClusterPrefix + std::to_string(cluster); }

std::vector<std::string> cluster_names(std::int64_t clusters) {
  std::vector<std::string> names;
  for (std::int64_t k = 0; k < clusters; ++k) names.push_back(cluster_name(k));
  return names;
}

bool are_cluster_names(const std::vector<std::string>& class_names) {
  return !class_names.empty() &&
         class_names == cluster_names(static_cast<std::int64_t>(class_names.size()));
}

void save_partition(const std::filesystem::path& path, const Partition& p) {
  TensorFile file;
  file.tensors = {{"labels", p.labels}, {"centres", p.centres}};
  file.metadata = {{"format", kPartitionFormat},
                   {"format_version", kPartitionVersion},
                   {"method", "k-means"},
                   {"seed", std::to_string(p.seed)},
                   {"clusters", std::to_string(p.clusters())},
                   {"detector", p.detector},
                   {"detector_digest", p.detector_digest},
                   {"data_name", p.data_name},
                   {"data_split", p.data_split},
                   {"data_digest", p.data_digest}};
  save_safetensors(path, file);
}

Partition load_partition(const std::filesystem::path& path, const Dataset& data) {
  const auto where = path.string();
  const auto file = load_safetensors(path);
  const auto entry = [&](const char* key) { return partition_entry(file, key, where); };
  if (entry("format") != kPartitionFormat || entry("format_version") != kPartitionVersion) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = std::string(kPartitionFormat) + " version " + kPartitionVersion,
          .got = entry("format") + " version " + entry("format_version")});
  }
  Partition p;
  p.labels = partition_tensor(file, "labels", torch::kInt64, 1);
  p.centres = partition_tensor(file, "centres", torch::kFloat32, 2);
  p.seed = std::stoull(entry("seed"));
  p.detector = entry("detector");
  p.detector_digest = entry("detector_digest");
  p.data_name = entry("data_name");
  p.data_split = entry("data_split");
  p.data_digest = entry("data_digest");
  if (!holds_together(p)) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = "int64 labels (N) below the number of centres (K,F)",
                            .got = "others"});
  }
  if (p.data_digest != data.digest || p.labels.size(0) != data.size()) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = "a partition of " + data.name + " with digest " + data.digest,
          .got = p.data_name + " with digest " + p.data_digest,
          .hint = "build it again: ganselect partition build --dataset " + data.name});
  }
  return p;
}

}  // namespace ganselect
