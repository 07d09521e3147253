// Detectors: fixed networks that turn samples into features and class scores, in which all sample
// measures are taken. Named ones are listed in detectors.inc, one line each; any other name is a
// TorchScript file.
//
// Shapes: N samples, C channels, H rows, W columns, D feature dimensions, K classes, G class
// groups.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/named_table.h"
#include "base/shape.h"
#include "datasets/sample_stream.h"
#include "metrics/numerics/moments.h"

namespace ganselect {

struct Detections {
  torch::Tensor features;  // float32 (N,D); readers of files may hand in float64
  // Undefined when the detector tells no classes; else float32 (N,K), or (N,G,K) where a sample
  // shows G independent things of K kinds each: three digits of Stacked MNIST are (N,3,10), and
  // make K^G classes with the first group counting highest.
  torch::Tensor logits;
  // true: `logits` holds probabilities (rows sum to 1) because the network gives nothing else.
  bool scores_are_probabilities = false;
  // true: the classes are another data set's (ImageNet's), whatever the samples show. They serve
  // the inception score, but are no modes of the data.
  bool foreign_classes = false;

  int64_t size() const {
    return features.defined() ? features.size(0) : (logits.defined() ? logits.size(0) : 0);
  }
};

class Detector {
 public:
  virtual ~Detector() = default;
  // images: uint8 (N,C,H,W), 0..255, any N >= 1 and device; the coordinate detector takes float
  // (N,2). Same samples give the same rows within rounding whatever the batch. kData when the
  // detector cannot take such samples.
  virtual Detections detect(const torch::Tensor& images) = 0;
  virtual std::string name() const = 0;    // as records and columns name it: "judge-cifar10"
  virtual std::string digest() const = 0;  // SHA-256 of the weights' file, 64 hex digits
  // Of its class scores, in their order; none where it does not say.
  virtual std::vector<std::string> class_names() const { return {}; }
  // What is done to samples of this shape before the network sees them, for the protocol; "none"
  // when nothing is.
  virtual std::string preprocessing(const SampleShape&) const { return "none"; }
};

// A row of the table of named detectors.
struct DetectorSpec {
  std::string name;
  std::string explanation;  // one line: what it was trained on, what it is for
  std::function<std::unique_ptr<Detector>(torch::Device)> load;
  // Of one that resizes to a size of the user's choice, "NAME@SIZE"; else empty.
  std::function<std::unique_ptr<Detector>(torch::Device, int64_t size)> load_at;
};

const NamedTable<DetectorSpec>& detector_table();

// A named detector, one with the size that it resizes to ("efficientnet-lite0@96"), or a file by
// its path: a judge (.safetensors, as `judge train` writes it) or a
// TorchScript module. kUsage with the valid names when it is none of these; kData for a file of
// another content or with the wrong interface.
std::unique_ptr<Detector> load_detector(const std::string& name_or_file,
                                        torch::Device device = torch::kCPU);

// The detector of a file, uint8 (N,C,H,W) in. A module whose forward takes `return_features` and
// `no_output_bias` is called as inception-2015-12-05.pt wants it (Karras et al. 2021's conversion):
// features with return_features=true, probabilities with no_output_bias=true; one without gives
// features (N,D) by a plain call, or a tuple of features and logits. Grey images are repeated to
// three channels for the former. A module with an int attribute `image_size` gets images of other
// sizes resized to it (detector_input.h), then as float32 0..255.
std::unique_ptr<Detector> load_torchscript_detector(const std::filesystem::path& file,
                                                    torch::Device device);

struct DetectSettings {
  int64_t batch_size = 256;   // samples that the network sees at a time, at most
  bool keep_features = true;  // false: only their moments, so that memory does not grow with N
  int64_t keep_bytes = int64_t{64} << 20;      // features of at most this size are kept in any case
  torch::Device target = torch::kCPU;          // where the result lies; moments on the CPU
  std::function<void(int64_t done)> progress;  // after each batch; may be empty, may throw
};

struct StreamDetections {
  Detections detections;           // features undefined when they are not kept
  std::optional<Moments> moments;  // of the features, when these are not kept
};

// All samples of a stream, batch by batch; the result lies on the target. Memory: features (N,D)
// where they are kept, class scores (N,K), and one batch. Runs without gradients and without TF32.
// kData when a feature or score is not finite.
StreamDetections detect_stream(Detector& detector, SampleStream& stream,
                               const DetectSettings& settings = {});

// The same of samples in memory, features kept.
Detections detect_all(Detector& detector, const torch::Tensor& samples, int64_t batch_size = 256,
                      torch::Device target = torch::kCPU);

// The same on another device.
Detections on_device(const Detections& detections, torch::Device device);

// The first `count` rows, or all when there are fewer.
Detections first_rows(const Detections& detections, int64_t count);

}  // namespace ganselect
