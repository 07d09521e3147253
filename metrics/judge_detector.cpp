#include "metrics/judge_detector.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"

namespace ganselect {

DetectorSpec judge_cifar10_detector();
DetectorSpec judge_mnist_detector();
DetectorSpec judge_embedded_detector();

namespace {

class JudgeDetector : public Detector {
 public:
  JudgeDetector(Judge judge, torch::Device device) : judge_(std::move(judge)), device_(device) {
    judge_.network->to(device_);
    judge_.network->eval();
  }

  Detections detect(const torch::Tensor& images) override {
    check(images);
    torch::NoGradGuard no_grad;
    const auto& a = judge_.network->architecture();
    const int64_t groups = images.size(1) / a.channels;
    const int64_t n = images.size(0);
    const auto singles =
        images.to(device_).reshape({n * groups, a.channels, a.image_size, a.image_size});
    const auto output = judge_.network->forward(singles);
    if (groups == 1) return {.features = output.features, .logits = output.logits};
    return {.features = output.features.view({n, groups * a.features()}),
            .logits = output.logits.view({n, groups, a.classes})};
  }

  std::string name() const override { return judge_.name; }
  std::string digest() const override { return judge_.digest; }

 private:
  void check(const torch::Tensor& images) const {
    const auto& a = judge_.network->architecture();
    const bool image = images.dim() == 4 && images.scalar_type() == torch::kUInt8 &&
                       images.size(0) >= 1 && images.size(2) == a.image_size &&
                       images.size(3) == a.image_size;
    if (image && (images.size(1) == a.channels || (a.channels == 1 && images.size(1) == 3))) return;
    const auto side = std::to_string(a.image_size);
    fail(ErrorKind::kData,
         {.where = judge_.name,
          .expected = "uint8 images (N," +
                      std::string(a.channels == 1 ? "1 or 3" : std::to_string(a.channels)) + "," +
                      side + "," + side + ")",
          .got = c10::str(images.scalar_type(), " ", images.sizes()),
          .hint = "choose the detector of this data set"});
  }

  Judge judge_;
  torch::Device device_;
};

DetectorSpec shipped_judge_detector(const std::string& name) {
  return {.name = name,
          .explanation = judge_table().at(name).explanation,
          .load = [name](torch::Device device) {
            return make_judge_detector(load_shipped_judge(name), device);
          }};
}

}  // namespace

std::unique_ptr<Detector> make_judge_detector(Judge judge, torch::Device device) {
  return std::make_unique<JudgeDetector>(std::move(judge), device);
}

DetectorSpec judge_cifar10_detector() { return shipped_judge_detector("judge-cifar10"); }
DetectorSpec judge_mnist_detector() { return shipped_judge_detector("judge-mnist"); }
DetectorSpec judge_embedded_detector() { return shipped_judge_detector("judge-embedded"); }

}  // namespace ganselect
