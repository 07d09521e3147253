// The project's own detectors: a small residual classifier whose pooled last layer is the feature
// space of the sample measures and whose class scores serve the inception score and mode counts.
//
// Shapes: N images, C channels, H rows, W columns, D features, K classes.
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/settings_io.h"

namespace ganselect {

// Everything that fixes the layers. The default is judge-cifar10.
struct JudgeArchitecture {
  int64_t channels = 3;     // of the images
  int64_t classes = 10;     // K
  int64_t image_size = 32;  // H = W; each block halves it, so at least 2^blocks + 1
  int64_t patch = 2;        // side of the whitening filters
  std::vector<int64_t> widths{64, 128, 256};  // output channels of each block; the last is D

  int64_t features() const { return widths.back(); }
  int64_t whitening_filters() const { return 2 * channels * patch * patch; }
};

struct JudgeOutput {
  torch::Tensor features;  // float32 (N,D)
  torch::Tensor logits;    // float32 (N,K)
};

// The network, with its layers in order (default sizes):
//   pixels (N,3,32,32) 0..255 -> (pixels - mean) / deviation, per channel
//   whitening: fixed 2x2 filters from patches of the training images  -> (N,24,31,31), GELU
//   block b: 3x3 convolution, 2x2 max pooling, batch norm, GELU, then
//            x + GELU(batch norm(3x3 convolution(x)))                 -> (N,widths[b],H/2,W/2)
//   mean over rows and columns                                        -> features (N,256)
//   linear                                                            -> logits (N,10)
// Fixed whitening filters and early pooling follow Page (2019), "How to train your ResNet", and
// Jordan (2024), "94% on CIFAR-10 in 3.29 seconds on a single GPU" (arXiv:2404.00498); residual
// blocks He et al. (2016).
class JudgeNetwork : public torch::nn::Module {
 public:
  // Parameters drawn from `generator` (CPU), uniform in +-1/sqrt(fan in); whitening and
  // normalization are still neutral until set below. Throws kUsage when the sizes do not fit
  // together.
  JudgeNetwork(const JudgeArchitecture& architecture, torch::Generator generator);

  // `pixels`: (N,C,H,W), uint8 or floating 0..255, on the network's device. Throws kUsage for
  // another shape. In evaluation mode a row depends on its own image alone, up to float32 rounding.
  JudgeOutput forward(const torch::Tensor& pixels);

  // Normalization and whitening filters from training images, uint8 (M,C,H,W), M >= 1. The filters
  // are the eigenvectors of the patches' covariance, each divided by the root of its eigenvalue,
  // and their negatives.
  void fit_input(const torch::Tensor& images);

  // Rounds what is stored as float16 (convolutions and the linear layer), so that a saved judge is
  // this one.
  void round_to_storage();

  const JudgeArchitecture& architecture() const { return architecture_; }

 private:
  struct Norm {
    torch::Tensor scale, shift, mean, variance;
  };
  struct Block {
    torch::Tensor first, second;  // convolutions, (width,in,3,3) and (width,width,3,3)
    Norm first_norm, second_norm;
  };
  Norm make_norm(const std::string& name, int64_t width);
  torch::Tensor apply_norm(const torch::Tensor& x, const Norm& norm) const;

  JudgeArchitecture architecture_;
  torch::Tensor mean_, deviation_;  // buffers (C), in pixel units
  torch::Tensor whitening_;         // buffer (2*C*p*p,C,p,p)
  std::vector<Block> blocks_;
  torch::Tensor classifier_;  // (K,D)
};

// Trained numbers: convolutions, batch norm's scale and shift, the linear layer, and the fixed
// whitening filters.
int64_t judge_parameters(const JudgeNetwork& network);

// Floating point operations of one image's forward pass, two to a multiply-add, convolutions and
// the linear layer.
int64_t judge_flops(const JudgeArchitecture& architecture);

template <class V>
void describe(V& v, JudgeArchitecture& a) {
  v.field("channels", a.channels, "of the images", at_least(1));
  v.field("classes", a.classes, "class scores", at_least(2));
  v.field("image_size", a.image_size, "rows and columns", at_least(1));
  v.field("patch", a.patch, "side of the whitening filters", at_least(1));
  v.field("widths", a.widths, "output channels of each block", at_least(1));
}

}  // namespace ganselect
