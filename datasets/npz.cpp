// Samples in one .npz or .npy file, read whole.
#include <torch/torch.h>

#include "base/error.h"
#include "datasets/formats/array_samples.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec npz_dataset();

namespace {

Dataset load_array_samples(const std::string& path, const LoadSettings& settings) {
  if (settings.split != "train") {
    fail(ErrorKind::kData, {.where = "data npz:" + path,
                            .expected = "the split train: the file is one set",
                            .got = "'" + settings.split + "'"});
  }
  const auto array = stored_samples(path);
  if (array.layout.kind == ArrayKind::kFeatures) {
    fail(ErrorKind::kData,
         {.where = array.where, .expected = "images or points", .got = "features (N,D)"});
  }
  const auto classes = stored_labels(array);
  const auto* range =
      array.layout.images() ? &stored_range(array, settings.reading.values) : nullptr;
  NpyRows rows(path, array.member);
  const auto stored = rows.next(rows.size());
  Dataset data;
  data.samples = range == nullptr
                     ? stored.to(torch::kFloat32)
                     : values_to_pixels(channels_first(stored, array.layout), *range).contiguous();
  data.labels = classes.labels;
  data.class_names = classes.names;
  data.warnings = reading_notes(array, range, classes);
  return data;
}

}  // namespace

DatasetSpec npz_dataset() {
  DatasetSpec spec;
  spec.name = "npz";
  spec.title =
      "your samples in an .npz or .npy: images (N,H,W,C), (N,C,H,W) or (N,H,W), or points (N,2), "
      "and labels when there are any";
  spec.argument = "FILE";
  spec.reading = {"values"};
  spec.load = load_array_samples;
  spec.has_test = [](const std::string&, const LoadSettings&) { return false; };
  return spec;
}

}  // namespace ganselect
