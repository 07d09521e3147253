#include "metrics/detectors/efficientnet.h"

#include <torch/torch.h>

#include <array>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr double kFoldedNormEpsilon = 1e-3;
constexpr double kMostActivation = 6;

// The published table of stages: blocks, side of the depthwise kernel, stride of the first block,
// factor of the expansion, output channels.
struct EfficientNetStage {
  int64_t blocks, kernel, stride, expansion, channels;
};
constexpr int64_t kStemChannels = 32;
constexpr std::array kEfficientNetStages = {
    EfficientNetStage{1, 3, 1, 1, 16},  EfficientNetStage{2, 3, 2, 6, 24},
    EfficientNetStage{2, 5, 2, 6, 40},  EfficientNetStage{3, 3, 2, 6, 80},
    EfficientNetStage{3, 5, 1, 6, 112}, EfficientNetStage{4, 5, 2, 6, 192},
    EfficientNetStage{1, 3, 1, 6, 320}};

// The k x k kernel of stride 2 in one of k+1 x k+1, whose padding is the same on all sides: the
// asymmetric padding of an even image without a padded copy of it.
torch::Tensor with_leading_zeros(const torch::Tensor& weight) {
  return at::constant_pad_nd(weight, {1, 0, 1, 0});
}

using ScalarList = c10::List<std::optional<at::Scalar>>;
using FusedConvolution = at::Tensor(const at::Tensor&, const at::Tensor&,
                                    const std::optional<at::Tensor>&, at::IntArrayRef,
                                    at::IntArrayRef, at::IntArrayRef, int64_t, std::string_view,
                                    ScalarList, std::optional<std::string_view>);
using FusedAddition = at::Tensor&(at::Tensor&, const at::Tensor&, const at::Tensor&,
                                  const std::optional<at::Tensor>&, at::IntArrayRef,
                                  at::IntArrayRef, at::IntArrayRef, int64_t, std::string_view,
                                  std::optional<at::Scalar>, std::optional<std::string_view>,
                                  ScalarList, std::optional<std::string_view>);
constexpr const char* kFusedConvolution = "mkldnn::_convolution_pointwise";
constexpr const char* kFusedAddition = "mkldnn::_convolution_pointwise_";

template <class Signature>
const auto& operator_of(const char* name, const char* overload) {
  static const auto found =
      c10::Dispatcher::singleton().findSchemaOrThrow(name, overload).typed<Signature>();
  return found;
}

}  // namespace

// Takes tensors of the weights by their names and shapes, and folds batch norm.
class EfficientNet::Reader {
 public:
  Reader(const TensorFile& file, const std::string& where, torch::Device device)
      : file_(file), where_(where), device_(device) {}

  torch::Tensor take(const std::string& name, const std::vector<int64_t>& shape) const {
    const auto found = file_.tensors.find(name);
    const bool there = found != file_.tensors.end();
    if (!there || found->second.sizes() != at::IntArrayRef(shape) ||
        !found->second.is_floating_point()) {
      fail(ErrorKind::kData,
           {.where = where_ + " tensor '" + name + "'",
            .expected = "floating point " + c10::str(at::IntArrayRef(shape)),
            .got = there ? c10::str(found->second.dtype(), " ", found->second.sizes()) : "none"});
    }
    return found->second;
  }

  Convolution folded(const std::string& name, const std::string& norm, int64_t kernel, int64_t in,
                     int64_t out, int64_t stride, int64_t groups) const {
    const auto part = [&](const char* which) {
      return take(norm + "." + which, {out}).to(torch::kFloat64);
    };
    const auto scale = part("weight") / (part("running_var") + kFoldedNormEpsilon).sqrt();
    auto weight = take(name + ".weight", {out, in / groups, kernel, kernel}).to(torch::kFloat64) *
                  scale.view({-1, 1, 1, 1});
    if (stride == 2) weight = with_leading_zeros(weight);
    return {
        .weight = weight.to(device_, torch::kFloat32).contiguous(at::MemoryFormat::ChannelsLast),
        .bias = (part("bias") - part("running_mean") * scale).to(device_, torch::kFloat32),
        .stride = stride,
        .padding = kernel / 2,
        .groups = groups};
  }

  Block block(const std::string& name, const EfficientNetStage& stage, int64_t in,
              int64_t stride) const {
    const int64_t wide = in * stage.expansion;
    Block block{.adds_input = stride == 1 && in == stage.channels};
    if (stage.expansion > 1)
      block.activated.push_back(folded(name + "_expand_conv", name + "_bn0", 1, in, wide, 1, 1));
    block.activated.push_back(
        folded(name + "_depthwise_conv", name + "_bn1", stage.kernel, wide, wide, stride, wide));
    block.projection = folded(name + "_project_conv", name + "_bn2", 1, wide, stage.channels, 1, 1);
    return block;
  }

 private:
  const TensorFile& file_;
  const std::string& where_;
  torch::Device device_;
};

std::map<std::string, std::vector<int64_t>> efficientnet_tensors() {
  std::map<std::string, std::vector<int64_t>> shapes;
  const auto add = [&](const std::string& name, const std::string& norm,
                       const std::vector<int64_t>& shape) {
    shapes[name + ".weight"] = shape;
    for (const char* part : {"weight", "bias", "running_mean", "running_var"})
      shapes[norm + "." + part] = {shape[0]};
  };
  add("_conv_stem", "_bn0", {kStemChannels, 3, 3, 3});
  int64_t in = kStemChannels, number = 0;
  for (const auto& stage : kEfficientNetStages) {
    for (int64_t i = 0; i < stage.blocks; ++i) {
      const auto name = "_blocks." + std::to_string(number++) + ".";
      const int64_t wide = in * stage.expansion;
      if (stage.expansion > 1) add(name + "_expand_conv", name + "_bn0", {wide, in, 1, 1});
      add(name + "_depthwise_conv", name + "_bn1", {wide, 1, stage.kernel, stage.kernel});
      add(name + "_project_conv", name + "_bn2", {stage.channels, wide, 1, 1});
      in = stage.channels;
    }
  }
  add("_conv_head", "_bn1", {kEfficientNetFeatures, in, 1, 1});
  shapes["_fc.weight"] = {kEfficientNetClasses, kEfficientNetFeatures};
  shapes["_fc.bias"] = {kEfficientNetClasses};
  return shapes;
}

bool fused_convolutions(torch::Device device) {
  auto& dispatcher = c10::Dispatcher::singleton();
  return device.is_cpu() && at::globalContext().userEnabledMkldnn() &&
         dispatcher.findSchema({kFusedConvolution, ""}).has_value() &&
         dispatcher.findSchema({kFusedAddition, "binary"}).has_value();
}

EfficientNet::EfficientNet(const TensorFile& weights, const std::string& where,
                           torch::Device device, bool fused)
    : fused_(fused) {
  const torch::NoGradGuard no_gradients;
  const Reader reader(weights, where, device);
  stem_ = reader.folded("_conv_stem", "_bn0", 3, 3, kStemChannels, 2, 1);
  int64_t in = kStemChannels;
  for (const auto& stage : kEfficientNetStages) {
    for (int64_t i = 0; i < stage.blocks; ++i) {
      const auto name = "_blocks." + std::to_string(blocks_.size()) + ".";
      blocks_.push_back(reader.block(name, stage, in, i == 0 ? stage.stride : 1));
      in = stage.channels;
    }
  }
  head_ = reader.folded("_conv_head", "_bn1", 1, in, kEfficientNetFeatures, 1, 1);
  classifier_ = reader.take("_fc.weight", {kEfficientNetClasses, kEfficientNetFeatures}).to(device);
  classifier_bias_ = reader.take("_fc.bias", {kEfficientNetClasses}).to(device);
  if (const auto expected = efficientnet_tensors().size(); weights.tensors.size() != expected) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = std::to_string(expected) + " tensors",
                            .got = std::to_string(weights.tensors.size())});
  }
}

torch::Tensor EfficientNet::activated(const torch::Tensor& x, const Convolution& c) const {
  const std::array stride = {c.stride, c.stride}, padding = {c.padding, c.padding};
  if (!fused_) {
    auto y = at::conv2d(x, c.weight, c.bias, stride, padding, 1, c.groups);
    return at::hardtanh_(y, 0, kMostActivation);
  }
  const std::array<int64_t, 2> dilation = {1, 1};
  static const ScalarList bounds({at::Scalar(0.0), at::Scalar(kMostActivation)});
  return operator_of<FusedConvolution>(kFusedConvolution, "")
      .call(x, c.weight, c.bias, padding, stride, dilation, c.groups, "hardtanh", bounds, "");
}

// `input`, the block's own, is used up.
torch::Tensor EfficientNet::projected(torch::Tensor& input, const torch::Tensor& x,
                                      const Block& block) const {
  const auto& c = block.projection;
  if (!block.adds_input) return at::conv2d(x, c.weight, c.bias);
  if (!fused_) return at::conv2d(x, c.weight, c.bias).add_(input);
  const std::array<int64_t, 2> none = {0, 0}, one = {1, 1};
  return operator_of<FusedAddition>(kFusedAddition, "binary")
      .call(input, x, c.weight, c.bias, none, one, one, 1, "add", 1.0, std::nullopt, ScalarList(),
            std::nullopt);
}

EfficientNetOutput EfficientNet::forward(const torch::Tensor& pixels) const {
  const bool fits = pixels.dim() == 4 && pixels.size(1) == 3 && pixels.size(2) == pixels.size(3) &&
                    pixels.size(2) >= kEfficientNetStep && pixels.size(2) % kEfficientNetStep == 0;
  if (!fits) {
    fail(ErrorKind::kUsage,
         {.where = "efficientnet-lite0",
          .expected = "images (N,3,S,S), S a multiple of " + std::to_string(kEfficientNetStep),
          .got = c10::str(pixels.sizes())});
  }
  const torch::NoGradGuard no_gradients;
  auto x = pixels.to(torch::kFloat32, /*non_blocking=*/false, /*copy=*/true,
                     at::MemoryFormat::ChannelsLast);
  x.div_(255).sub_(0.498).div_(0.502);
  x = activated(x, stem_);
  for (const auto& block : blocks_) {
    auto inner = x;
    for (const auto& convolution : block.activated) inner = activated(inner, convolution);
    x = projected(x, inner, block);
  }
  const auto features = activated(x, head_).mean({2, 3});
  return {.features = features, .logits = at::addmm(classifier_bias_, features, classifier_.t())};
}

}  // namespace ganselect
