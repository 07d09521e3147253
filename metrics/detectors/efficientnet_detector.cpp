#include "metrics/detectors/efficientnet_detector.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/provenance.h"
#include "base/torch/described_file.h"
#include "metrics/detectors/detector_input.h"
#include "metrics/detectors/efficientnet.h"

namespace ganselect {

DetectorSpec efficientnet_lite0_detector();

namespace {

constexpr const char* kEfficientNetName = "efficientnet-lite0";
// Of the converted weights; scripts/convert_weights.py holds it too.
constexpr const char* kEfficientNetDigest =
    "b9d3ba98bf662178163640f4dc07e1867f468dd4d10e264aa6c574162428c707";
constexpr int64_t kMostEfficientNetSize = 512;

const FileFormat& efficientnet_format() {
  static const FileFormat format{"ganselect-efficientnet", "1",
                                 "not weights that scripts/setup converted"};
  return format;
}

// Images at a time, so that the largest activation, (96,S/2,S/2), stays within 24 MiB: memory of
// that size is kept and used again, and the processor's cache still helps.
int64_t images_at_a_time(int64_t size) {
  constexpr int64_t kBytes = int64_t{24} << 20;
  return std::max<int64_t>(1, kBytes / (96 * (size / 2) * (size / 2) * 4));
}

class EfficientNetDetector : public Detector {
 public:
  EfficientNetDetector(EfficientNet network, std::string digest, int64_t size, torch::Device device)
      : network_(std::move(network)), digest_(std::move(digest)), size_(size), device_(device) {}

  Detections detect(const torch::Tensor& images) override {
    check(images);
    const torch::NoGradGuard no_gradients;
    const int64_t n = images.size(0), step = device_.is_cpu() ? images_at_a_time(size_) : n;
    std::vector<torch::Tensor> features, logits;
    for (int64_t start = 0; start < n; start += step) {
      const auto output = network_.forward(input(images.slice(0, start, start + step)));
      features.push_back(output.features);
      logits.push_back(output.logits);
    }
    return {
        .features = torch::cat(features), .logits = torch::cat(logits), .foreign_classes = true};
  }

  std::string name() const override {
    return size_ == kEfficientNetSize ? kEfficientNetName
                                      : kEfficientNetName + ("@" + std::to_string(size_));
  }
  std::string digest() const override { return digest_; }
  std::string preprocessing(const SampleShape& shape) const override {
    if (shape.points) return "none";
    const bool resized = shape.height != size_ || shape.width != size_;
    return rgb_text(shape.channels) + (resized ? resize_text(size_) : "not resized") +
           "; (x / 255 - 0.498) / 0.502";
  }

 private:
  torch::Tensor input(const torch::Tensor& images) const {
    // Grey is repeated after the resize, which is a third of the work.
    const bool grey = images.size(1) == 1;
    auto pixels = grey ? images.to(device_) : rgb_for_detector(images.to(device_));
    pixels = pixels.size(2) == size_ && pixels.size(3) == size_
                 ? pixels.to(torch::kFloat32)
                 : resize_for_detector(pixels, size_);
    return pixels.expand({-1, 3, -1, -1});
  }

  void check(const torch::Tensor& images) const {
    if (images.dim() == 4 && images.scalar_type() == torch::kUInt8 && images.numel() > 0 &&
        (images.size(1) == 1 || images.size(1) == 3 || images.size(1) == 4))
      return;
    fail(ErrorKind::kData, {.where = name(),
                            .expected = "uint8 images (N,1, 3 or 4,H,W)",
                            .got = c10::str(images.scalar_type(), " ", images.sizes())});
  }

  EfficientNet network_;
  std::string digest_;
  int64_t size_;
  torch::Device device_;
};

void check_size(int64_t size) {
  if (size >= kEfficientNetStep && size <= kMostEfficientNetSize && size % kEfficientNetStep == 0)
    return;
  fail(ErrorKind::kUsage,
       {.where = kEfficientNetName,
        .expected = "a size that is a multiple of " + std::to_string(kEfficientNetStep) +
                    ", at most " + std::to_string(kMostEfficientNetSize),
        .got = std::to_string(size),
        .hint = "as efficientnet-lite0@96"});
}

std::unique_ptr<Detector> load_installed(torch::Device device, int64_t size) {
  check_size(size);
  const auto file = efficientnet_file();
  if (!std::filesystem::exists(file)) {
    fail(
        ErrorKind::kData,
        {.where = kEfficientNetName,
         .expected = "its weights in " + file.string(),
         .got = "no such file",
         .hint = "scripts/setup fetches them (17 MB), or let GANSELECT_WEIGHTS name their folder"});
  }
  return load_efficientnet_detector(file, kEfficientNetDigest, size, device);
}

}  // namespace

std::filesystem::path efficientnet_file() {
  const char* named = std::getenv("GANSELECT_WEIGHTS");
  const auto folder = named != nullptr && *named != '\0'
                          ? std::filesystem::path(named)
                          : std::filesystem::path(share_dir()) / "third_party" / kEfficientNetName;
  return folder / (std::string(kEfficientNetName) + ".safetensors");
}

std::unique_ptr<Detector> load_efficientnet_detector(
    const std::filesystem::path& file, const std::optional<std::string>& expected_digest,
    int64_t size, torch::Device device) {
  check_size(size);
  const auto where = file.string();
  const auto bytes = read_file(file);
  const auto digest = sha256_hex(bytes);
  if (expected_digest && digest != *expected_digest) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = "SHA-256 " + *expected_digest,
                            .got = digest,
                            .hint = "not the weights of this version, or damaged: remove the file "
                                    "and run scripts/setup"});
  }
  const DescribedFile weights(from_safetensors(bytes, where), efficientnet_format(), where);
  return std::make_unique<EfficientNetDetector>(
      EfficientNet(weights.content(), where, device, fused_convolutions(device)), digest, size,
      device);
}

DetectorSpec efficientnet_lite0_detector() {
  return {.name = kEfficientNetName,
          .explanation =
              "ImageNet classifier of Google's, weights fetched by scripts/setup: for "
              "images that no judge was made for; " +
              std::string(kEfficientNetName) + "@SIZE resizes to another size",
          .load = [](torch::Device device) { return load_installed(device, kEfficientNetSize); },
          .load_at = load_installed};
}

}  // namespace ganselect
