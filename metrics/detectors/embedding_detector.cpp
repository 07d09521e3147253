#include "metrics/detectors/embedding_detector.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"
#include "metrics/detectors/detector_input.h"

namespace ganselect {

DetectorSpec simclr_cifar10_detector();

namespace {

class EmbeddingDetector : public Detector {
 public:
  EmbeddingDetector(Embedding embedding, torch::Device device)
      : embedding_(std::move(embedding)), device_(device) {
    embedding_.network->to(device_);
    embedding_.network->eval();
  }

  Detections detect(const torch::Tensor& images) override {
    const auto& a = embedding_.network->architecture();
    const bool colored =
        images.dim() == 4 && a.channels == 3 && (images.size(1) == 1 || images.size(1) == 4);
    const bool fits = images.dim() == 4 && images.scalar_type() == torch::kUInt8 &&
                      images.size(0) >= 1 && images.size(2) == a.image_size &&
                      images.size(3) == a.image_size && (images.size(1) == a.channels || colored);
    if (!fits) {
      const auto side = std::to_string(a.image_size);
      fail(ErrorKind::kData, {.where = embedding_.name,
                              .expected = "uint8 images (N," + std::to_string(a.channels) + "," +
                                          side + "," + side + ")",
                              .got = c10::str(images.scalar_type(), " ", images.sizes())});
    }
    torch::NoGradGuard no_grad;
    const auto pixels = images.to(device_);
    return {.features =
                embedding_.network->forward(colored ? rgb_for_detector(pixels) : pixels).features};
  }

  std::string name() const override { return embedding_.name; }
  std::string digest() const override { return embedding_.digest; }
  std::string preprocessing(const SampleShape& shape) const override {
    const bool colored =
        embedding_.network->architecture().channels == 3 && rgb_text(shape.channels) != "";
    return colored ? rgb_text(shape.channels) + "not resized" : "none";
  }

 private:
  Embedding embedding_;
  torch::Device device_;
};

}  // namespace

std::unique_ptr<Detector> make_embedding_detector(Embedding embedding, torch::Device device) {
  return std::make_unique<EmbeddingDetector>(std::move(embedding), device);
}

DetectorSpec simclr_cifar10_detector() {
  const std::string name = "simclr-cifar10";
  return {.name = name,
          .explanation = embedding_table().at(name).explanation,
          .load = [name](torch::Device device) {
            return make_embedding_detector(load_shipped_embedding(name), device);
          }};
}

}  // namespace ganselect
