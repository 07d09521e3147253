#include "datasets/neighborhoods.h"

#include <torch/torch.h>

#include "base/error.h"
#include "base/torch/described_file.h"
#include "datasets/dataset.h"

namespace ganselect {
namespace {

const FileFormat& neighborhoods_format() {
  static const FileFormat format{"ganselect-neighborhoods", "2",
                                 "make the file with ganselect neighbors build"};
  return format;
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
  file.metadata = format_metadata(neighborhoods_format());
  file.metadata.insert({{"include_self", n.include_self ? "true" : "false"},
                        {"k", std::to_string(n.k())},
                        {"detector", n.detector},
                        {"detector_digest", n.detector_digest},
                        {"data_name", n.data_name},
                        {"data_split", n.data_split},
                        {"data_digest", n.data_digest}});
  save_safetensors(path, file);
}

Neighborhoods load_neighborhoods(const std::filesystem::path& path, const Dataset& data) {
  const auto where = path.string();
  const DescribedFile file(load_safetensors(path), neighborhoods_format(), where);
  Neighborhoods n;
  n.features = file.tensor("features", torch::kFloat32, 2);
  if (file.content().tensors.contains("mirrored"))
    n.mirrored = file.tensor("mirrored", torch::kFloat32, 2);
  n.scale.mean = file.tensor("scale_mean", torch::kFloat32, 1);
  n.scale.deviation = file.tensor("scale_deviation", torch::kFloat32, 1);
  n.neighbors = file.tensor("neighbors", torch::kInt32, 2);
  n.stored = file.tensor("stored", torch::kInt32, 1);
  n.stored_counts = file.tensor("stored_counts", torch::kInt32, 1);
  n.include_self = file.entry("include_self") == "true";
  n.detector = file.entry("detector");
  n.detector_digest = file.entry("detector_digest");
  n.data_name = file.entry("data_name");
  n.data_split = file.entry("data_split");
  n.data_digest = file.entry("data_digest");
  check_consistent(n, where);
  check_data(n, data, where);
  return n;
}

}  // namespace ganselect
