#include "datasets/neighborhoods.h"

#include <torch/torch.h>

#include "base/error.h"
#include "base/torch/safetensors.h"
#include "datasets/dataset.h"

namespace ganselect {
namespace {

constexpr const char* kNeighborhoodsFormat = "ganselect-neighborhoods";
constexpr const char* kNeighborhoodsVersion = "2";

const std::string& neighborhoods_entry(const TensorFile& file, const std::string& key,
                                       const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  fail(ErrorKind::kData, {.where = where,
                          .expected = "metadata '" + key + "'",
                          .got = "none",
                          .hint = "make the file with ganselect neighbors build"});
}

torch::Tensor neighborhoods_tensor(const TensorFile& file, const std::string& name,
                                   torch::ScalarType type, std::int64_t dimensions,
                                   const std::string& where) {
  const auto found = file.tensors.find(name);
  const bool there = found != file.tensors.end();
  if (there && found->second.scalar_type() == type && found->second.dim() == dimensions)
    return found->second;
  fail(ErrorKind::kData,
       {.where = where + " tensor '" + name + "'",
        .expected =
            std::string(c10::toString(type)) + " of " + std::to_string(dimensions) + " dimensions",
        .got = there ? c10::str(found->second.scalar_type(), " ", found->second.sizes()) : "none"});
}

bool inside(const torch::Tensor& rows, std::int64_t size) {
  return rows.numel() > 0 && rows.min().item<std::int64_t>() >= 0 &&
         rows.max().item<std::int64_t>() < size;
}

void check_consistent(const Neighborhoods& n, const std::string& where) {
  const bool fits = n.neighbors.size(0) == n.size() &&
                    n.stored.sizes() == n.stored_counts.sizes() &&
                    (!n.mirrored.defined() || n.mirrored.sizes() == n.features.sizes()) &&
                    n.scale.mean.size(0) == n.features.size(1) &&
                    n.scale.deviation.size(0) == n.features.size(1) &&
                    inside(n.neighbors, n.size()) && inside(n.stored, n.size());
  if (fits) return;
  fail(ErrorKind::kData, {.where = where,
                          .expected = "neighbours and stored instances among the rows of features",
                          .got = c10::str("features ", n.features.sizes(), ", neighbours ",
                                          n.neighbors.sizes(), ", stored ", n.stored.sizes())});
}

void check_data(const Neighborhoods& n, const Dataset& data, const std::string& where) {
  if (n.data_digest == data.digest && n.size() == data.size()) return;
  fail(ErrorKind::kData,
       {.where = where,
        .expected = "neighbourhoods of " + data.name + " with digest " + data.digest,
        .got = n.data_name + " with digest " + n.data_digest,
        .hint = "build them again: ganselect neighbors build --dataset " + data.name});
}

}  // namespace

torch::Tensor FeatureScale::apply(const torch::Tensor& unit_features) const {
  const auto device = unit_features.device();
  return (unit_features - mean.to(device)) / deviation.to(device);
}

FeatureScale feature_scale(const torch::Tensor& unit_features) {
  const auto rows = unit_features.to(torch::kFloat64);
  const auto deviation = rows.std(0, /*unbiased=*/false);
  return {.mean = rows.mean(0).to(torch::kFloat32),
          .deviation = torch::where(deviation > 1e-6, deviation, torch::ones_like(deviation))
                           .to(torch::kFloat32)};
}

Json Neighborhoods::identity() const {
  return {{"detector", detector},
          {"detector_digest", detector_digest},
          {"k", k()},
          {"include_self", include_self},
          {"stored", stored.size(0)}};
}

void save_neighborhoods(const std::filesystem::path& path, const Neighborhoods& n) {
  TensorFile file;
  file.tensors = {{"features", n.features},
                  {"scale_mean", n.scale.mean},
                  {"scale_deviation", n.scale.deviation},
                  {"neighbors", n.neighbors},
                  {"stored", n.stored},
                  {"stored_counts", n.stored_counts}};
  if (n.mirrored.defined()) file.tensors["mirrored"] = n.mirrored;
  file.metadata = {{"format", kNeighborhoodsFormat},
                   {"format_version", kNeighborhoodsVersion},
                   {"include_self", n.include_self ? "true" : "false"},
                   {"k", std::to_string(n.k())},
                   {"detector", n.detector},
                   {"detector_digest", n.detector_digest},
                   {"data_name", n.data_name},
                   {"data_split", n.data_split},
                   {"data_digest", n.data_digest}};
  save_safetensors(path, file);
}

Neighborhoods load_neighborhoods(const std::filesystem::path& path, const Dataset& data) {
  const auto where = path.string();
  const auto file = load_safetensors(path);
  const auto entry = [&](const char* key) { return neighborhoods_entry(file, key, where); };
  if (entry("format") != kNeighborhoodsFormat || entry("format_version") != kNeighborhoodsVersion) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = std::string(kNeighborhoodsFormat) + " version " + kNeighborhoodsVersion,
          .got = entry("format") + " version " + entry("format_version"),
          .hint = "make the file again with ganselect neighbors build"});
  }
  Neighborhoods n;
  n.features = neighborhoods_tensor(file, "features", torch::kFloat32, 2, where);
  if (file.tensors.contains("mirrored"))
    n.mirrored = neighborhoods_tensor(file, "mirrored", torch::kFloat32, 2, where);
  n.scale.mean = neighborhoods_tensor(file, "scale_mean", torch::kFloat32, 1, where);
  n.scale.deviation = neighborhoods_tensor(file, "scale_deviation", torch::kFloat32, 1, where);
  n.neighbors = neighborhoods_tensor(file, "neighbors", torch::kInt32, 2, where);
  n.stored = neighborhoods_tensor(file, "stored", torch::kInt32, 1, where);
  n.stored_counts = neighborhoods_tensor(file, "stored_counts", torch::kInt32, 1, where);
  n.include_self = entry("include_self") == "true";
  n.detector = entry("detector");
  n.detector_digest = entry("detector_digest");
  n.data_name = entry("data_name");
  n.data_split = entry("data_split");
  n.data_digest = entry("data_digest");
  check_consistent(n, where);
  check_data(n, data, where);
  return n;
}

}  // namespace ganselect
