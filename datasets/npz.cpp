// Samples in one .npz file, as the usual tools write them: arr_0 the samples, arr_1 the labels.
#include <torch/types.h>

#include "base/error.h"
#include "base/text.h"
#include "base/torch/npy.h"
#include "datasets/formats/array_layout.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec npz_dataset();

namespace {

// (N,H,W,C) or (N,C,H,W) -> (N,C,H,W), or points.
torch::Tensor npz_samples(const torch::Tensor& array, const std::string& where,
                          std::vector<std::string>& warnings) {
  const auto layout =
      array_layout(array.scalar_type(), array.sizes().vec(), where + ": arr_0", /*floats=*/false);
  if (layout.ambiguous) warnings.push_back(ambiguous_axes_warning());
  if (layout.kind == ArrayKind::kPoints) return array.to(torch::kFloat32);
  return layout.kind == ArrayKind::kImagesLast ? array.permute({0, 3, 1, 2}).contiguous() : array;
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
  data.samples = npz_samples(samples->second, path, data.warnings);
  if (const auto labels = arrays.find("arr_1"); labels != arrays.end()) {
    data.labels = checked_labels(labels->second, data.size(), path + ": arr_1");
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
