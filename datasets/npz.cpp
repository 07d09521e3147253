// Samples in one .npz file, as the usual tools write them: arr_0 the samples, arr_1 the labels.
#include <torch/types.h>

#include "base/error.h"
#include "base/text.h"
#include "base/torch/npy.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec npz_dataset();

namespace {

bool is_color_count(int64_t channels) { return channels == 1 || channels == 3; }

// (N,H,W,C) or (N,C,H,W) -> (N,C,H,W). Where both readings are possible the first one, the tools'
// own, holds.
torch::Tensor npz_images(const torch::Tensor& array, const std::string& where,
                         std::vector<std::string>& warnings) {
  const bool last = array.dim() == 4 && is_color_count(array.size(3));
  const bool first = array.dim() == 4 && is_color_count(array.size(1));
  if (array.scalar_type() != torch::kUInt8 || (!last && !first)) {
    std::string shape;
    for (const auto length : array.sizes()) shape += " " + std::to_string(length);
    fail(ErrorKind::kData,
         {.where = where + ": arr_0",
          .expected = "uint8 images (N,H,W,C) or (N,C,H,W) with 1 or 3 channels, or points (N,2)",
          .got = std::string(torch::toString(array.scalar_type())) + shape});
  }
  if (last && first)
    warnings.push_back("ambiguous_axes: arr_0 could be (N,H,W,C) or (N,C,H,W), read as (N,H,W,C)");
  return last ? array.permute({0, 3, 1, 2}).contiguous() : array;
}

torch::Tensor npz_labels(const torch::Tensor& array, int64_t count, const std::string& where) {
  if (array.dim() != 1 || array.size(0) != count || array.is_floating_point() ||
      (count > 0 && array.to(torch::kInt64).min().item<int64_t>() < 0)) {
    fail(ErrorKind::kData, {.where = where + ": arr_1",
                            .expected = std::to_string(count) + " whole labels, 0 or greater",
                            .got = "another array"});
  }
  return array.to(torch::kInt64);
}

Dataset load_npz_samples(const std::string& path, const LoadSettings& settings) {
  if (settings.split != "train") {
    fail(ErrorKind::kData, {.where = "data npz:" + path,
                            .expected = "the split train: the file is one set",
                            .got = "'" + settings.split + "'"});
  }
  const auto arrays = load_npz(path);
  const auto samples = arrays.find("arr_0");
  if (samples == arrays.end()) {
    std::vector<std::string> names;
    for (const auto& [name, array] : arrays) names.push_back(name);
    fail(ErrorKind::kData, {.where = path,
                            .expected = "an array arr_0",
                            .got = names.empty() ? "an empty file" : join(names)});
  }
  Dataset data;
  const bool points = samples->second.dim() == 2 && samples->second.size(1) == 2 &&
                      samples->second.is_floating_point();
  data.samples = points ? samples->second.to(torch::kFloat32)
                        : npz_images(samples->second, path, data.warnings);
  if (const auto labels = arrays.find("arr_1"); labels != arrays.end()) {
    data.labels = npz_labels(labels->second, data.size(), path);
    const auto classes = data.size() == 0 ? 0 : data.labels.max().item<int64_t>() + 1;
    for (int64_t k = 0; k < classes; ++k) data.class_names.push_back(std::to_string(k));
  }
  return data;
}

}  // namespace

DatasetSpec npz_dataset() {
  DatasetSpec spec;
  spec.name = "npz";
  spec.title =
      "your samples: arr_0 uint8 (N,H,W,C) or (N,C,H,W), or points (N,2); arr_1 labels when there "
      "are any";
  spec.argument = "FILE";
  spec.load = load_npz_samples;
  return spec;
}

}  // namespace ganselect
