#include "datasets/partition.h"

#include <torch/torch.h>

#include "base/error.h"
#include "base/torch/described_file.h"
#include "datasets/dataset.h"

namespace ganselect {
namespace {

constexpr const char* kClusterPrefix = "cluster-";

const FileFormat& partition_format() {
  static const FileFormat format{"ganselect-partition", "1",
                                 "make the file with ganselect partition build"};
  return format;
}

bool holds_together(const Partition& p) {
  return p.labels.numel() > 0 && p.labels.min().item<std::int64_t>() >= 0 &&
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
  file.metadata = format_metadata(partition_format());
  file.metadata.insert({{"method", "k-means"},
                        {"seed", std::to_string(p.seed)},
                        {"clusters", std::to_string(p.clusters())},
                        {"detector", p.detector},
                        {"detector_digest", p.detector_digest},
                        {"data_name", p.data_name},
                        {"data_split", p.data_split},
                        {"data_digest", p.data_digest}});
  save_safetensors(path, file);
}

Partition load_partition(const std::filesystem::path& path, const Dataset& data) {
  const auto where = path.string();
  const DescribedFile file(load_safetensors(path), partition_format(), where);
  Partition p;
  p.labels = file.tensor("labels", torch::kInt64, 1);
  p.centres = file.tensor("centres", torch::kFloat32, 2);
  p.seed = file.number("seed");
  p.detector = file.entry("detector");
  p.detector_digest = file.entry("detector_digest");
  p.data_name = file.entry("data_name");
  p.data_split = file.entry("data_split");
  p.data_digest = file.entry("data_digest");
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
