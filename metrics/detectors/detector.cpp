#include "metrics/detectors/detector.h"

#include <torch/torch.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/torch/device_gate.h"
#include "base/torch/finite.h"
#include "metrics/detectors/judge_detector.h"

namespace ganselect {

#define DETECTOR(id) DetectorSpec id##_detector();
#include "metrics/detectors/detectors.inc"
#undef DETECTOR

namespace {

void check_finite(const Detector& detector, const torch::Tensor& values, const char* what) {
  if (!values.defined() || all_finite(values)) return;
  fail(ErrorKind::kData, {.where = "detector " + detector.name(),
                          .expected = std::string("finite ") + what,
                          .got = "NaN or infinity"});
}

// (N,...) filled a few rows at a time, so that no second copy of all is ever held.
class Rows {
 public:
  explicit Rows(int64_t total) : total_(total) {}
  void add(const torch::Tensor& part) {
    if (!all_.defined()) {
      auto shape = part.sizes().vec();
      shape[0] = total_;
      all_ = torch::empty(shape, part.options());
    }
    all_.narrow(0, done_, part.size(0)).copy_(part);
    done_ += part.size(0);
  }
  torch::Tensor take() { return std::move(all_); }

 private:
  torch::Tensor all_;
  int64_t total_ = 0, done_ = 0;
};

// A batch at a time, so that nobody who rounds products otherwise waits for the whole stream.
Detections detect_exactly(Detector& detector, const torch::Tensor& images) {
  const ExactProducts exact;
  return detector.detect(images);
}

// "NAME@SIZE" of a detector that takes a size; else nothing.
std::unique_ptr<Detector> load_sized(const std::string& text, torch::Device device) {
  const auto at = text.rfind('@');
  if (at == std::string::npos) return nullptr;
  const auto* row = detector_table().find(text.substr(0, at));
  if (row == nullptr || !row->load_at) return nullptr;
  const auto digits = text.substr(at + 1);
  const bool number = !digits.empty() && digits.size() <= 6 &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
  if (number) return row->load_at(device, std::stoll(digits));
  fail(ErrorKind::kUsage, {.where = "detector",
                           .expected = row->name + "@SIZE, a whole number of pixels",
                           .got = "'" + text + "'"});
}

}  // namespace

const NamedTable<DetectorSpec>& detector_table() {
  static const NamedTable<DetectorSpec> table("detector", {
#define DETECTOR(id) id##_detector(),
#include "metrics/detectors/detectors.inc"
#undef DETECTOR
                                                          });
  return table;
}

std::unique_ptr<Detector> load_detector(const std::string& name_or_file, torch::Device device) {
  if (const auto* row = detector_table().find(name_or_file)) return row->load(device);
  if (auto sized = load_sized(name_or_file, device)) return sized;
  const std::filesystem::path file = name_or_file;
  if (std::filesystem::is_regular_file(file)) {
    return file.extension() == ".safetensors" ? load_judge_detector(file, device)
                                              : load_torchscript_detector(file, device);
  }
  const auto valid = detector_table().names();
  const auto nearest = nearest_name(name_or_file, valid);
  fail(ErrorKind::kUsage,
       {.where = "detector",
        .expected = "one of " + join(valid) + ", or a judge's or TorchScript file",
        .got = "'" + name_or_file + "'",
        .hint = nearest ? "did you mean '" + *nearest + "'?" : "no file of that name exists"});
}

StreamDetections detect_stream(Detector& detector, SampleStream& stream,
                               const DetectSettings& settings) {
  const torch::NoGradGuard no_gradients;
  const int64_t total = stream.size();
  Rows features(total), logits(total);
  StreamDetections all;
  int64_t done = 0;
  for (auto batch = stream.next(); batch.defined(); batch = stream.next()) {
    for (int64_t start = 0; start < batch.size(0); start += settings.batch_size) {
      const auto images =
          batch.slice(0, start, std::min(start + settings.batch_size, batch.size(0)));
      const auto part = detect_exactly(detector, images);
      check_finite(detector, part.features, "features");
      check_finite(detector, part.logits, "class scores");
      const auto bytes = total * static_cast<int64_t>(part.features.nbytes()) / images.size(0);
      if (settings.keep_features || bytes <= settings.keep_bytes) {
        features.add(part.features.to(settings.target));
      } else {
        const auto moments = feature_moments(part.features.cpu());
        all.moments = all.moments ? merge(*all.moments, moments) : moments;
      }
      if (part.logits.defined()) logits.add(part.logits.to(settings.target));
      all.detections.scores_are_probabilities = part.scores_are_probabilities;
      all.detections.foreign_classes = part.foreign_classes;
      done += images.size(0);
      if (settings.progress) settings.progress(done);
    }
  }
  if (done != total || done < 1) {
    fail(ErrorKind::kData, {.where = "detector " + detector.name(),
                            .expected = std::to_string(std::max<int64_t>(1, total)) + " samples",
                            .got = std::to_string(done)});
  }
  all.detections.features = features.take();
  all.detections.logits = logits.take();
  return all;
}

Detections detect_all(Detector& detector, const torch::Tensor& samples, int64_t batch_size,
                      torch::Device target) {
  if (!samples.defined() || samples.dim() < 2 || samples.size(0) < 1 || batch_size < 1) {
    fail(ErrorKind::kData, {.where = "detector " + detector.name(),
                            .expected = "at least one sample and a batch size of at least 1",
                            .got = samples.defined() ? c10::str(samples.sizes()) : "nothing"});
  }
  const auto stream = stream_tensor(samples);
  return detect_stream(detector, *stream, {.batch_size = batch_size, .target = target}).detections;
}

Detections on_device(const Detections& detections, torch::Device device) {
  const auto moved = [&](const torch::Tensor& rows) {
    return rows.defined() ? rows.to(device) : rows;
  };
  return {.features = moved(detections.features),
          .logits = moved(detections.logits),
          .scores_are_probabilities = detections.scores_are_probabilities,
          .foreign_classes = detections.foreign_classes};
}

Detections first_rows(const Detections& detections, int64_t count) {
  const auto first = [&](const torch::Tensor& rows) {
    return rows.defined() ? rows.slice(0, 0, std::min(count, rows.size(0))) : rows;
  };
  return {.features = first(detections.features),
          .logits = first(detections.logits),
          .scores_are_probabilities = detections.scores_are_probabilities,
          .foreign_classes = detections.foreign_classes};
}

}  // namespace ganselect
