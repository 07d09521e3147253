#include "metrics/detector.h"

#include <torch/torch.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/torch/device_gate.h"

namespace ganselect {

#define DETECTOR(id) DetectorSpec id##_detector();
#include "metrics/detectors.inc"
#undef DETECTOR

namespace {

void check_finite(const Detector& detector, const torch::Tensor& values, const char* what) {
  if (!values.defined() || values.isfinite().all().item<bool>()) return;
  fail(ErrorKind::kData, {.where = "detector " + detector.name(),
                          .expected = std::string("finite ") + what,
                          .got = "NaN or infinity"});
}

}  // namespace

const NamedTable<DetectorSpec>& detector_table() {
  static const NamedTable<DetectorSpec> table("detector", {
#define DETECTOR(id) id##_detector(),
#include "metrics/detectors.inc"
#undef DETECTOR
                                                          });
  return table;
}

std::unique_ptr<Detector> load_detector(const std::string& name_or_file, torch::Device device) {
  if (const auto* row = detector_table().find(name_or_file)) return row->load(device);
  if (std::filesystem::is_regular_file(name_or_file))
    return load_torchscript_detector(name_or_file, device);
  const auto valid = detector_table().names();
  const auto nearest = nearest_name(name_or_file, valid);
  fail(ErrorKind::kUsage,
       {.where = "detector",
        .expected = "one of " + join(valid) + ", or a TorchScript file",
        .got = "'" + name_or_file + "'",
        .hint = nearest ? "did you mean '" + *nearest + "'?" : "no file of that name exists"});
}

Detections detect_all(Detector& detector, const torch::Tensor& samples, int64_t batch_size,
                      torch::Device target) {
  if (!samples.defined() || samples.dim() < 2 || samples.size(0) < 1 || batch_size < 1) {
    fail(ErrorKind::kData, {.where = "detector " + detector.name(),
                            .expected = "at least one sample and a batch size of at least 1",
                            .got = samples.defined() ? c10::str(samples.sizes()) : "nothing"});
  }
  const ExactProducts exact;
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> features, logits;
  Detections all;
  for (int64_t start = 0; start < samples.size(0); start += batch_size) {
    const auto part =
        detector.detect(samples.slice(0, start, std::min(start + batch_size, samples.size(0))));
    features.push_back(part.features.to(target));
    if (part.logits.defined()) logits.push_back(part.logits.to(target));
    all.scores_are_probabilities = part.scores_are_probabilities;
  }
  all.features = torch::cat(features);
  if (!logits.empty()) all.logits = torch::cat(logits);
  check_finite(detector, all.features, "features");
  check_finite(detector, all.logits, "class scores");
  return all;
}

Detections on_device(const Detections& detections, torch::Device device) {
  const auto moved = [&](const torch::Tensor& rows) {
    return rows.defined() ? rows.to(device) : rows;
  };
  return {.features = moved(detections.features),
          .logits = moved(detections.logits),
          .scores_are_probabilities = detections.scores_are_probabilities};
}

Detections first_rows(const Detections& detections, int64_t count) {
  const auto first = [&](const torch::Tensor& rows) {
    return rows.defined() ? rows.slice(0, 0, std::min(count, rows.size(0))) : rows;
  };
  return {.features = first(detections.features),
          .logits = first(detections.logits),
          .scores_are_probabilities = detections.scores_are_probabilities};
}

}  // namespace ganselect
