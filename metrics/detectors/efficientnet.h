// EfficientNet-Lite0, a small classifier of ImageNet's thousand classes (Tan & Le 2019,
// arXiv:1905.11946; the Lite form: Google, 2020, without squeeze and excitation, with ReLU6): the
// general feature space, for images that no judge was trained for. Evaluation only; it is trained
// elsewhere.
//
// Shapes: N images, S rows and columns.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/torch/safetensors.h"

namespace ganselect {

inline constexpr int64_t kEfficientNetFeatures = 1280;
inline constexpr int64_t kEfficientNetClasses = 1000;  // ImageNet's
inline constexpr int64_t kEfficientNetStep = 32;       // S is a multiple of it

struct EfficientNetOutput {
  torch::Tensor features;  // float32 (N,1280)
  torch::Tensor logits;    // float32 (N,1000)
};

// Name and shape of every tensor of the weights, named as in the PyTorch conversion of them.
std::map<std::string, std::vector<int64_t>> efficientnet_tensors();

// Whether a convolution, its bias, ReLU6 or the addition of a block's input are one pass there
// (oneDNN, on CPUs).
bool fused_convolutions(torch::Device device);

// The network, layer by layer:
//   3x3 convolution of stride 2, ReLU6                                     -> (N,32,S/2,S/2)
//   16 inverted residual blocks: 1x1 convolution to six times the channels (not in the first
//   block), ReLU6, 3x3 or 5x5 depthwise convolution, ReLU6, 1x1 convolution, the block's input
//   added where shapes allow                                               -> (N,320,S/32,S/32)
//   1x1 convolution, ReLU6, mean over rows and columns                     -> features (N,1280)
//   linear                                                                 -> logits (N,1000)
// Every convolution is followed by batch norm (epsilon 0.001), which is folded into it in float64.
// Padding is TensorFlow's: at stride 2 one row less before than after.
class EfficientNet {
 public:
  // kData, naming `where`, for a tensor that is missing, unknown or of another shape or type.
  EfficientNet(const TensorFile& weights, const std::string& where, torch::Device device,
               bool fused);

  // pixels: floating (N,3,S,S), 0..255, on the network's device. No gradients. A row depends on
  // its own image alone, up to float32 rounding. kUsage for another shape.
  EfficientNetOutput forward(const torch::Tensor& pixels) const;

 private:
  struct Convolution {
    torch::Tensor weight, bias;
    int64_t stride = 1, padding = 0, groups = 1;
  };
  struct Block {
    std::vector<Convolution> activated;  // each followed by ReLU6
    Convolution projection;
    bool adds_input = false;
  };
  class Reader;

  torch::Tensor activated(const torch::Tensor& x, const Convolution& c) const;
  torch::Tensor projected(torch::Tensor& input, const torch::Tensor& x, const Block& block) const;

  bool fused_ = false;
  Convolution stem_, head_;
  std::vector<Block> blocks_;
  torch::Tensor classifier_, classifier_bias_;
};

}  // namespace ganselect
