#include "metrics/detectors/judge_detector.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"
#include "metrics/detectors/detector_input.h"

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
    const int64_t n = images.size(0);
    auto pixels = images.to(device_);
    if (a.channels == 3) pixels = rgb_for_detector(pixels);
    const int64_t groups = pixels.size(1) / a.channels;
    if (resizes(images.size(2), images.size(3))) pixels = resize_for_detector(pixels, a.image_size);
    const auto singles = pixels.reshape({n * groups, a.channels, a.image_size, a.image_size});
    const auto output = judge_.network->forward(singles);
    if (groups == 1) return {.features = output.features, .logits = output.logits};
    return {.features = output.features.view({n, groups * a.features()}),
            .logits = output.logits.view({n, groups, a.classes})};
  }

  std::string name() const override { return judge_.name; }
  std::string digest() const override { return judge_.digest; }
  std::vector<std::string> class_names() const override { return judge_.class_names; }
  std::string preprocessing(const SampleShape& shape) const override {
    const auto& a = judge_.network->architecture();
    const bool resized = !shape.points && resizes(shape.height, shape.width);
    const auto colors = a.channels == 3 && !shape.points ? rgb_text(shape.channels) : "";
    if (colors.empty() && !resized) return "none";
    return colors + (resized ? resize_text(a.image_size) : "not resized");
  }

 private:
  bool resizes(int64_t height, int64_t width) const {
    const int64_t side = judge_.network->architecture().image_size;
    return height != side || width != side;
  }

  void check(const torch::Tensor& images) const {
    const auto& a = judge_.network->architecture();
    const bool image =
        images.dim() == 4 && images.scalar_type() == torch::kUInt8 && images.numel() > 0;
    const auto c = image ? images.size(1) : -1;
    const bool grouped = a.channels == 1 && c == 3;
    const bool colored = a.channels == 3 && (c == 1 || c == 4);
    if (c == a.channels || grouped || colored) return;
    fail(ErrorKind::kData,
         {.where = judge_.name,
          .expected = "uint8 images (N," +
                      std::string(a.channels == 1   ? "1 or 3"
                                  : a.channels == 3 ? "1, 3 or 4"
                                                    : std::to_string(a.channels)) +
                      ",H,W)",
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

std::unique_ptr<Detector> load_judge_detector(const std::filesystem::path& file,
                                              torch::Device device) {
  Judge judge = load_judge(file);
  judge.name = file.filename().string();
  return make_judge_detector(std::move(judge), device);
}

DetectorSpec judge_cifar10_detector() { return shipped_judge_detector("judge-cifar10"); }
DetectorSpec judge_mnist_detector() { return shipped_judge_detector("judge-mnist"); }
DetectorSpec judge_embedded_detector() { return shipped_judge_detector("judge-embedded"); }

}  // namespace ganselect
