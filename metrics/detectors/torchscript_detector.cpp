#include <torch/script.h>
#include <torch/torch.h>

#include <string>
#include <unordered_map>
#include <utility>

#include "base/files.h"
#include "base/torch/script_error.h"
#include "metrics/detectors/detector.h"
#include "metrics/detectors/detector_input.h"

namespace ganselect {
namespace {

bool takes_argument(const torch::jit::Module& module, const std::string& name) {
  const auto method = module.find_method("forward");
  return method && method->function().getSchema().argumentIndexWithName(name).has_value();
}

class TorchScriptDetector : public Detector {
 public:
  TorchScriptDetector(const std::filesystem::path& file, torch::Device device)
      : name_(file.filename().string()), digest_(sha256_file(file)), device_(device) {
    try {
      module_ = torch::jit::load(file.string(), device);
    } catch (const c10::Error& error) {
      fail(ErrorKind::kData, {.where = file.string(),
                              .expected = "a TorchScript module",
                              .got = script_error_reason(error)});
    }
    module_.eval();
    if (module_.hasattr("image_size") && module_.attr("image_size").isInt())
      side_ = module_.attr("image_size").toInt();
    inception_like_ =
        takes_argument(module_, "return_features") && takes_argument(module_, "no_output_bias");
  }

  Detections detect(const torch::Tensor& images) override {
    if (images.dim() != 4 || images.scalar_type() != torch::kUInt8) {
      fail(ErrorKind::kData, {.where = "detector " + name_,
                              .expected = "uint8 images (N,C,H,W)",
                              .got = std::string(c10::toString(images.scalar_type())) + " " +
                                     c10::str(images.sizes())});
    }
    auto batch = images.to(device_);
    if (side_ > 0 && (batch.size(2) != side_ || batch.size(3) != side_))
      batch = resize_for_detector(batch, side_);
    if (!inception_like_) return plain(batch);
    batch = rgb_for_detector(batch);
    return {.features = matrix(call(batch, "return_features"), "features", batch.size(0)),
            .logits = matrix(call(batch, "no_output_bias"), "probabilities", batch.size(0)),
            .scores_are_probabilities = true};
  }

  std::string name() const override { return name_; }
  std::string digest() const override { return digest_; }
  std::string preprocessing(const SampleShape& shape) const override {
    if (side_ > 0 && (shape.height != side_ || shape.width != side_)) return resize_text(side_);
    return inception_like_ ? "grey repeated to three channels; resized by the file's own code"
                           : "none";
  }

 private:
  Detections plain(const torch::Tensor& batch) {
    const auto result = call(batch, "");
    if (!result.isTuple()) return {.features = matrix(result, "features", batch.size(0))};
    const auto& elements = result.toTupleRef().elements();
    if (elements.size() != 2) {
      fail(ErrorKind::kData, {.where = "detector " + name_,
                              .expected = "features, or a tuple of features and logits",
                              .got = "a tuple of " + std::to_string(elements.size())});
    }
    return {.features = matrix(elements[0], "features", batch.size(0)),
            .logits = matrix(elements[1], "logits", batch.size(0))};
  }

  torch::IValue call(const torch::Tensor& batch, const std::string& flag) {
    std::unordered_map<std::string, torch::IValue> named;
    if (!flag.empty()) named[flag] = true;
    try {
      return module_.get_method("forward")({batch}, named);
    } catch (const std::exception& error) {  // LibTorch's own and those of the interpreter
      fail(ErrorKind::kData,
           {.where = "detector " + name_,
            .expected = "a forward that takes uint8 images " + c10::str(batch.sizes()),
            .got = script_error_reason(error)});
    }
  }

  torch::Tensor matrix(const torch::IValue& value, const char* what, int64_t rows) const {
    if (!value.isTensor() || value.toTensor().dim() != 2 || value.toTensor().size(0) != rows ||
        !value.toTensor().is_floating_point()) {
      fail(ErrorKind::kData,
           {.where = "detector " + name_,
            .expected = std::string(what) + " of shape (" + std::to_string(rows) + ", d)",
            .got = value.isTensor() ? c10::str(value.toTensor().sizes()) : value.tagKind()});
    }
    return value.toTensor().to(torch::kFloat32);
  }

  std::string name_, digest_;
  torch::Device device_;
  torch::jit::Module module_;
  bool inception_like_ = false;
  int64_t side_ = 0;  // of the images it wants; 0: any
};

}  // namespace

std::unique_ptr<Detector> load_torchscript_detector(const std::filesystem::path& file,
                                                    torch::Device device) {
  return std::make_unique<TorchScriptDetector>(file, device);
}

}  // namespace ganselect
